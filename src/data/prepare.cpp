#include "nnrec/data/prepare.hpp"

#include <algorithm>
#include <unordered_set>

#include "nnrec/base/error.hpp"
#include "nnrec/data/catalogue_builder.hpp"
#include "nnrec/data/duplicates.hpp"

namespace nnrec::data {
namespace {

constexpr std::size_t kBlockRows = 1 << 16;
constexpr double kLeastMatch = 0.9;

/// Columns gathered row by row and handed on in blocks.
class Block {
 public:
  Block(ShardSetWriter& writer, Part part) : writer_(writer), part_(part) {}

  void add(const RatingTable& table, std::uint64_t row) {
    user_.push_back(table.user[row]);
    item_.push_back(table.item[row]);
    rating_.push_back(table.rating[row]);
    if (table.has_time()) timestamp_.push_back(table.timestamp[row]);
    if (user_.size() == kBlockRows) flush();
  }
  void flush() {
    writer_.append(part_, {user_, item_, {}, rating_, timestamp_});
    user_.clear();
    item_.clear();
    rating_.clear();
    timestamp_.clear();
  }

 private:
  ShardSetWriter& writer_;
  Part part_;
  std::vector<std::uint32_t> user_;
  std::vector<std::uint32_t> item_;
  std::vector<float> rating_;
  std::vector<std::int64_t> timestamp_;
};

void write_parts(const RatingTable& table, const Column<Part>& parts, ShardSetWriter& writer) {
  for (const Part part : kParts) {
    Block block(writer, part);
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
      if (parts[row] == part) block.add(table, row);
    }
    block.flush();
  }
}

std::uint64_t count_known(const RawCatalogue& source, const IdMap& items) {
  std::unordered_set<std::uint32_t> known;
  for (const auto& row : source.items) {
    if (const auto index = items.find(row.id)) known.insert(*index);
  }
  return known.size();
}

/// Rated items without a row are normal in small numbers; in large ones the files do not belong
/// together.
void judge_match(const PrepareReport& report, const NumberedRatings& ratings, bool allow_mismatch,
                 RepairLog& repairs) {
  if (!report.has_catalogue) return;
  const auto rated = ratings.items.size();
  const auto known = report.items_with_row;
  if (!allow_mismatch && static_cast<double>(known) < kLeastMatch * static_cast<double>(rated)) {
    throw InputError(
        "only {} of {} rated items are in the catalogue ({} are not): do ratings and catalogue "
        "belong together? Use --allow-mismatch if they do.",
        known, rated, rated - known);
  }
  repairs.add(rated - known,
              fmt::format("{} rated items are not in the catalogue: their id is their title",
                          rated - known),
              "");
}

std::string file_names(const std::vector<SourceFile>& files) {
  std::string names;
  for (const auto& file : files) names += (names.empty() ? "" : " ") + file.name;
  return names;
}

/// Of all ratings.
std::string observed_range(const Column<float>& ratings) {
  const auto [low, high] = std::minmax_element(ratings.begin(), ratings.end());
  return fmt::format(
      "warning: no scale is known: ratings lie from {} to {}; --scale lo:hi would check them", *low,
      *high);
}

}  // namespace

Manifest write_ratings(NumberedRatings& ratings, const RawCatalogue& catalogue,
                       const SplitOptions& split_options, const Manifest& description,
                       ShardSetWriter& writer, const math::ThreadTeam& team) {
  Manifest manifest = description;
  manifest.rated_user_count = ratings.users.size();
  manifest.rated_item_count = ratings.items.size();
  const auto built = build_catalogue(catalogue, ratings.users, ratings.items);
  const auto [parts, policy] = split(ratings.table, split_options, team);
  const auto facts = examine_split(ratings.table, parts, team);
  manifest.split = policy;
  manifest.overlap_pairs = facts.overlap_pairs;
  manifest.cold_users = facts.cold_users;
  manifest.cold_items = facts.cold_items;
  manifest.train_rows_after_test = facts.train_rows_after_test;
  write_parts(ratings.table, parts, writer);
  return writer.publish(manifest, built).manifest();
}

PrepareReport prepare(const PrepareOptions& options) {
  const RatingSource source(options.source);
  auto rules = options.rules;
  if (!rules.scale) rules.scale = source.scale();
  const math::ThreadTeam team(options.shards.threads);
  PrepareReport report;
  RepairLog repairs(rules.strict);

  // First, so that an output that may not be replaced is refused before the work.
  ShardSetWriter writer(options.shards);
  auto ingested = ingest(source.files(), rules, team, repairs);
  auto& ratings = ingested.ratings;
  if (ratings.table.rows() == 0) {
    throw InputError("{}: no rating is left of {} lines", source.files().front().label,
                     ingested.lines);
  }
  report.format =
      fmt::format("{}, {}", source.description(),
                  rules.scale ? fmt::format("scale {}..{}", rules.scale->low, rules.scale->high)
                              : std::string("no scale"));
  report.files = std::move(ingested.files);
  report.lines_read = ingested.lines;
  if (!rules.scale) repairs.note(observed_range(ratings.table.rating));
  remove_duplicates(ratings, rules.duplicates, team, repairs);
  report.rows_kept = ratings.table.rows();

  const auto catalogue = source.read_catalogue(report.files);
  report.has_catalogue = !catalogue.items.empty();
  report.items_with_row = count_known(catalogue, ratings.items);
  judge_match(report, ratings, rules.allow_mismatch, repairs);

  Manifest description;
  description.source = file_names(report.files);
  description.format = source.format();
  description.has_scale = rules.scale.has_value();
  description.scale_low = rules.scale ? rules.scale->low : 0;
  description.scale_high = rules.scale ? rules.scale->high : 0;
  report.rules = repairs.lines();
  description.rules = fmt::format("{}", fmt::join(report.rules, "\n"));
  writer.set_has_time(ratings.table.has_time());
  report.manifest = write_ratings(ratings, catalogue, options.split, description, writer, team);
  return report;
}

}  // namespace nnrec::data
