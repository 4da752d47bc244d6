#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/prepare/catalogue_builder.hpp"
#include "nnrec/shards/shard_set_writer.hpp"

#include "runs.hpp"

namespace nnrec::synthetic {
namespace {

/// One run's ratings in file order, with the part of each.
struct ColumnBlock {
  std::vector<std::uint32_t> user;  ///< position in file order: the dense index
  std::vector<SyntheticRating> ratings;
  std::vector<shards::Part> parts;
  RunTally tally;
};

/// nnrec_prep's random split, row by row.
class RowSplit {
 public:
  RowSplit(std::uint64_t rows, const SyntheticShardOptions& options)
      : position_(rows, options.split_seed, Purpose::split, 0),
        first_test_(rows - static_cast<std::uint64_t>(
                               std::llround(static_cast<double>(rows) * options.test_fraction))) {
    if (first_test_ == 0)
      throw InputError(
          "a test fraction of {} of {} ratings leaves none to train on. Use a smaller "
          "--test-fraction.",
          options.test_fraction, rows);
  }
  shards::Part part_of(std::uint64_t row) const noexcept {
    return position_(row) >= first_test_ ? shards::Part::test : shards::Part::train;
  }

 private:
  Permutation position_;
  std::uint64_t first_test_;
};

/// Numbers items in the order of first appearance.
class Numbering {
 public:
  explicit Numbering(const SyntheticSet& set) : index_of_item_(set.options().items, kNone) {}

  std::uint32_t index_of(std::uint32_t item) {
    auto& index = index_of_item_[item];
    if (index == kNone) index = items_.insert(std::to_string(item + 1));
    return index;
  }
  importing::IdMap& items() noexcept { return items_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::vector<std::uint32_t> index_of_item_;
  importing::IdMap items_;
};

/// Which indices have rows in each part.
class SeenIndices {
 public:
  explicit SeenIndices(std::uint64_t size) : train_(size), test_(size) {}
  void mark(std::uint32_t index, shards::Part part) {
    (part == shards::Part::test ? test_ : train_)[index] = true;
  }
  std::uint64_t cold() const {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < train_.size(); ++i) count += test_[i] && !train_[i];
    return count;
  }

 private:
  std::vector<bool> train_;
  std::vector<bool> test_;
};

/// Rows of one part on their way to the writer.
class PartRows {
 public:
  PartRows(shards::ShardSetWriter& writer, shards::Part part) : writer_(writer), part_(part) {}

  void add(std::uint32_t user, std::uint32_t item, const SyntheticRating& rating) {
    user_.push_back(user);
    item_.push_back(item);
    rating_.push_back(rating.value);
    timestamp_.push_back(rating.time);
    if (user_.size() == kRows) flush();
  }
  void flush() {
    if (user_.empty()) return;
    writer_.append(part_, {user_, item_, rating_, timestamp_});
    user_.clear();
    item_.clear();
    rating_.clear();
    timestamp_.clear();
  }

 private:
  static constexpr std::size_t kRows = 1 << 16;
  shards::ShardSetWriter& writer_;
  shards::Part part_;
  std::vector<std::uint32_t> user_;
  std::vector<std::uint32_t> item_;
  std::vector<float> rating_;
  std::vector<std::int64_t> timestamp_;
};

/// Takes blocks in file order: numbers, sorts by part, hands on.
class ShardRows {
 public:
  ShardRows(const SyntheticSet& set, shards::ShardSetWriter& writer)
      : numbering_(set),
        users_seen_(set.options().users),
        items_seen_(set.options().items),
        train_(writer, shards::Part::train),
        test_(writer, shards::Part::test) {}

  void use(const ColumnBlock& block) {
    for (std::size_t row = 0; row < block.ratings.size(); ++row) {
      const auto& rating = block.ratings[row];
      const auto part = block.parts[row];
      const auto item = numbering_.index_of(rating.item);
      users_seen_.mark(block.user[row], part);
      items_seen_.mark(item, part);
      (part == shards::Part::test ? test_ : train_).add(block.user[row], item, rating);
    }
    tally_.add(block.tally);
  }
  void finish() {
    train_.flush();
    test_.flush();
  }
  importing::IdMap& items() noexcept { return numbering_.items(); }
  const RunTally& tally() const noexcept { return tally_; }
  std::uint64_t cold_users() const { return users_seen_.cold(); }
  std::uint64_t cold_items() const { return items_seen_.cold(); }

 private:
  Numbering numbering_;
  SeenIndices users_seen_;
  SeenIndices items_seen_;
  PartRows train_;
  PartRows test_;
  RunTally tally_;
};

importing::RawCatalogue raw_catalogue(const SyntheticSet& set) {
  importing::RawCatalogue catalogue;
  catalogue.genres = synthetic_genres();
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    auto item = set.item(i);
    catalogue.items.push_back(
        {std::to_string(i + 1), std::move(item.title), std::move(item.genres)});
  }
  for (std::uint64_t i = 0; i < set.options().users; ++i) {
    const auto user = set.user(i);
    catalogue.users.push_back({std::to_string(i + 1), static_cast<float>(user.age),
                               synthetic_occupations()[user.occupation]});
  }
  return catalogue;
}

void write_rows(const SyntheticSet& set, const Permutation& order, const RowSplit& split,
                const math::ThreadTeam& team, ShardRows& rows) {
  const auto lowest = scale_values(set.options().scale).front();
  make_runs_in_order<ColumnBlock>(
      synthetic_runs(set, order), team,
      [&](const UserRun& run, ColumnBlock& block, std::size_t) {
        block.user.clear();
        block.ratings.clear();
        block.parts.clear();
        block.tally = {};
        for (std::uint64_t position = run.first; position < run.end; ++position)
          for (const auto& rating : set.ratings_of(order(position))) {
            block.parts.push_back(split.part_of(run.first_row + block.ratings.size()));
            block.user.push_back(static_cast<std::uint32_t>(position));
            block.ratings.push_back(rating);
            block.tally.count(rating, lowest);
          }
      },
      [&](const ColumnBlock& block) { rows.use(block); });
  rows.finish();
}

}  // namespace

SyntheticSummary write_synthetic_shards(const SyntheticSet& set,
                                        const SyntheticShardOptions& options,
                                        const math::ThreadTeam& team) {
  const RowSplit split(set.options().ratings, options);
  const auto order = synthetic_user_order(set);
  shards::ShardSetOptions shard_options;
  shard_options.folder = options.folder;
  shard_options.shard_rows = options.shard_rows;
  shards::ShardSetWriter writer(shard_options);
  ShardRows rows(set, writer);
  write_rows(set, order, split, team, rows);

  const auto summary = summary_of(set, rows.tally(), rows.items().size());
  shards::Manifest description;
  const auto& planted = set.options();
  description.source = fmt::format(
      "nnrec_synth users={} items={} ratings={} seed={} noise_floor_rmse={:.6f}", planted.users,
      planted.items, planted.ratings, planted.seed, summary.noise_floor_rmse);
  description.format = "synthetic";
  description.split =
      fmt::format("random test_fraction={} seed={}", options.test_fraction, options.split_seed);
  description.cold_users = rows.cold_users();
  description.cold_items = rows.cold_items();
  description.rated_user_count = planted.users;
  description.rated_item_count = summary.rated_items;
  importing::IdMap users;
  for (std::uint64_t position = 0; position < planted.users; ++position)
    users.insert(std::to_string(order(position) + 1));
  writer.publish(description, prepare::build_catalogue(raw_catalogue(set), users, rows.items()));
  return summary;
}

}  // namespace nnrec::synthetic
