#include "nnrec/prepare/prepare.hpp"

#include <algorithm>
#include <unordered_set>

#include "nnrec/base/error.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/import/reject_file.hpp"
#include "nnrec/import/whole_ids.hpp"
#include "nnrec/prepare/catalogue_builder.hpp"
#include "nnrec/prepare/duplicates.hpp"

namespace nnrec::prepare {
namespace {

constexpr std::uint64_t kBlockRows = 1 << 16;
constexpr double kLeastMatch = 0.9;

/// The rows of each part by their number within it.
class PartRows {
 public:
  PartRows(const importing::RatingTable& table, const shards::Column<shards::Part>& parts,
           const math::ThreadTeam& team)
      : table_(table), parts_(parts), before_(table.rows() / kBlockRows + 2) {
    team.for_each(before_.size() - 1, [&](std::size_t block, std::size_t) {
      const auto start = std::min(block * kBlockRows, parts.size());
      const auto end = std::min(start + kBlockRows, parts.size());
      for (const shards::Part part : shards::kParts) {
        before_[block + 1][index(part)] = static_cast<std::uint64_t>(
            std::count(parts.begin() + start, parts.begin() + end, part));
      }
    });
    for (std::size_t block = 1; block < before_.size(); ++block) {
      for (const shards::Part part : shards::kParts)
        before_[block][index(part)] += before_[block - 1][index(part)];
    }
  }

  std::uint64_t count(shards::Part part) const { return before_.back()[index(part)]; }

  /// Rows [first, first + to.user.size()) of the part.
  void gather(shards::Part part, std::uint64_t first,
              const shards::MutableRatingColumns& to) const {
    const auto rows = find(part, first, to.user.size());
    const auto take = [&rows](const auto& from, const auto& target) {
      for (std::size_t at = 0; at < target.size(); ++at) target[at] = from[rows[at]];
    };
    take(table_.user, to.user);
    take(table_.item, to.item);
    take(table_.rating, to.rating);
    take(table_.timestamp, to.timestamp);
  }

 private:
  static constexpr std::size_t index(shards::Part part) { return static_cast<std::size_t>(part); }

  std::vector<std::uint32_t> find(shards::Part part, std::uint64_t first, std::size_t count) const {
    const auto behind = std::upper_bound(
        before_.begin(), before_.end(), first,
        [part](std::uint64_t value, const auto& counts) { return value < counts[index(part)]; });
    const auto block = static_cast<std::size_t>(behind - before_.begin()) - 1;
    auto row = block * kBlockRows;
    for (auto skip = first - before_[block][index(part)]; skip > 0; ++row) {
      skip -= parts_[row] == part ? 1 : 0;
    }
    // A number that does not belong is overwritten: no branch to guess wrong.
    std::vector<std::uint32_t> rows(count);
    for (std::size_t found = 0; found < count; ++row) {
      rows[found] = static_cast<std::uint32_t>(row);
      found += parts_[row] == part ? 1 : 0;
    }
    return rows;
  }

  const importing::RatingTable& table_;
  const shards::Column<shards::Part>& parts_;
  /// By block of rows, how many rows of each part come before.
  std::vector<std::array<std::uint64_t, shards::kParts.size()>> before_;
};

std::uint64_t count_known(const importing::RawCatalogue& source, const importing::IdMap& items) {
  std::unordered_set<std::uint32_t> known;
  for (const auto& row : source.items) {
    if (const auto index = items.find(row.id)) known.insert(*index);
  }
  return known.size();
}

/// Rated items without a row are normal in small numbers; in large ones the files do not belong
/// together.
void judge_match(const PrepareReport& report, const importing::NumberedRatings& ratings,
                 bool allow_mismatch, importing::RepairLog& repairs) {
  if (!report.has_catalogue) return;
  const auto rated = ratings.items.size();
  const auto known = report.items_with_row;
  if (!allow_mismatch && static_cast<double>(known) < kLeastMatch * static_cast<double>(rated)) {
    throw InputError(
        "only {} of {} rated items are in the catalogue ({} are not): do ratings and catalogue "
        "belong together? Use --allow-mismatch if they do.",
        known, rated, rated - known);
  }
  repairs.add({rated - known, rated, "rated items"},
              "are not in the catalogue: their id is their title", "");
}

/// The texts with `separator` between them, as many as people may care to read, and how many are
/// left out.
std::string joined(const std::vector<std::string>& texts, const char* separator) {
  constexpr std::size_t kRoom = 32 << 10;
  std::string all;
  std::size_t taken = 0;
  for (; taken < texts.size() && all.size() + texts[taken].size() < kRoom; ++taken) {
    all += (taken == 0 ? "" : separator) + texts[taken];
  }
  if (taken < texts.size()) all += fmt::format("{}and {} more", separator, texts.size() - taken);
  return all;
}

std::string file_names(const std::vector<importing::SourceFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.name);
  return joined(names, " ");
}

/// Only here it is known that some have times.
void require_times(const importing::IngestResult& ingested, const SplitOptions& split) {
  if (split.rule != SplitRule::time || ingested.without_time == 0) return;
  throw InputError(
      "{}: the time split needs a time for every rating, and {} of {} ratings have no time; this "
      "is the first. Complete or remove them, or use --split random.",
      ingested.first_without_time, ingested.without_time, ingested.ratings.table.rows());
}

/// Of the files of ratings; within an archive they name nothing that is there.
std::vector<std::filesystem::path> paths_of(const importing::RatingSource& source) {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : source.files()) paths.emplace_back(file.label);
  return paths;
}

/// Without one every rating is inside, and nothing would be dropped or clipped.
void require_scale(const importing::RatingRules& rules, const importing::RatingSource& source) {
  if (rules.scale || rules.out_of_range == importing::OutOfRange::error) return;
  throw UsageError(
      "--out-of-range {} needs a scale, and the format {} has none: give --scale lo:hi, or leave "
      "--out-of-range out",
      rules.out_of_range == importing::OutOfRange::drop ? "drop" : "clip", source.format());
}

/// A value far from all others, such as 0, -1, 99, may stand for no rating.
void note_apart(const shards::Column<float>& ratings, float low, float high,
                importing::RepairLog& repairs) {
  auto above_low = high;
  auto below_high = low;
  for (const auto rating : ratings) {
    above_low = rating > low ? std::min(above_low, rating) : above_low;
    below_high = rating < high ? std::max(below_high, rating) : below_high;
  }
  const auto note = [&](float value, float from, float to) {
    const auto count = std::count(ratings.begin(), ratings.end(), value);
    repairs.note(fmt::format(
        "warning: {} are {}, apart from the others, which lie from {} to {}: --missing {}, if it "
        "stands for no rating",
        counted(static_cast<std::uint64_t>(count), ratings.size(), "ratings"), value, from, to,
        value));
  };
  if (low <= 0 && above_low >= 1 && above_low < high) note(low, above_low, high);
  constexpr float kUsualScale = 10;
  if (high > kUsualScale && below_high > 0 && high > 2 * below_high && below_high > low) {
    note(high, low, below_high);
  }
}

/// Says what looks wrong in the values of all ratings.
void note_range(const shards::Column<float>& ratings, bool has_scale,
                importing::RepairLog& repairs) {
  const auto [low, high] = std::minmax_element(ratings.begin(), ratings.end());
  if (*low == *high) {
    repairs.note(fmt::format(
        "warning: all ratings are {}: a model learns nothing from them; is it a log of what people "
        "used, without ratings?",
        *low));
  } else if (!has_scale) {
    repairs.note(fmt::format(
        "warning: no scale is known: ratings lie from {} to {}; --scale lo:hi would check them",
        *low, *high));
    note_apart(ratings, *low, *high, repairs);
  }
}

}  // namespace

WrittenRatings write_ratings(importing::NumberedRatings& ratings,
                             const importing::RawCatalogue& catalogue,
                             const SplitOptions& split_options, const shards::Manifest& description,
                             shards::ShardSetWriter& writer, const math::ThreadTeam& team) {
  shards::Manifest manifest = description;
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
  const PartRows rows(ratings.table, parts, team);
  for (const shards::Part part : shards::kParts) {
    writer.append(part, rows.count(part),
                  [&](std::uint64_t first, const shards::MutableRatingColumns& to) {
                    rows.gather(part, first, to);
                  });
  }
  return {writer.publish(manifest, built).manifest(), facts};
}

PrepareReport prepare(const PrepareOptions& options) {
  const auto& reject_file = options.rules.reject_file;
  importing::require_no_input(reject_file, options.source.inputs);
  const importing::RatingSource source(options.source);
  importing::require_no_input(reject_file, paths_of(source));
  importing::require_free_for_rejects(reject_file, options.shards.folder);
  auto rules = options.rules;
  if (!rules.scale) rules.scale = source.scale();
  require_scale(rules, source);
  if (rules.not_rated.empty()) rules.not_rated = source.not_rated();
  const math::ThreadTeam team(options.shards.threads);
  PrepareReport report;
  importing::RepairLog repairs(rules.strict);

  // First, so that an output that may not be replaced is refused before the work.
  shards::ShardSetWriter writer(options.shards);
  auto ingested = importing::ingest(source.files(), rules, team, repairs);
  auto& ratings = ingested.ratings;
  if (ratings.table.rows() == 0) {
    throw InputError("{}: no rating is left of {} lines", source.files().front().label,
                     ingested.lines);
  }
  importing::settle_whole_ids(ratings, repairs);
  require_times(ingested, options.split);
  report.format =
      fmt::format("{}, {}", source.description(),
                  rules.scale ? fmt::format("scale {}..{}", rules.scale->low, rules.scale->high)
                              : std::string("no scale"));
  report.files = std::move(ingested.files);
  report.lines_read = ingested.lines;
  note_range(ratings.table.rating, rules.scale.has_value(), repairs);
  remove_duplicates(ratings, rules.duplicates, team, repairs);
  report.rows_kept = ratings.table.rows();

  const auto catalogue = source.read_catalogue(report.files);
  report.evidence = source.evidence();
  report.left_aside = source.left_aside(report.files);
  report.has_catalogue = !catalogue.items.empty();
  report.items_with_row = count_known(catalogue, ratings.items);
  judge_match(report, ratings, rules.allow_mismatch, repairs);

  shards::Manifest description;
  description.source = file_names(report.files);
  description.format = source.format();
  description.has_scale = rules.scale.has_value();
  description.scale_low = rules.scale ? rules.scale->low : 0;
  description.scale_high = rules.scale ? rules.scale->high : 0;
  report.rules = repairs.lines();
  description.rules = joined(repairs.facts(), "\n");
  writer.set_has_time(ratings.table.has_time());
  auto written = write_ratings(ratings, catalogue, options.split, description, writer, team);
  report.manifest = std::move(written.manifest);
  report.split = written.split;
  return report;
}

}  // namespace nnrec::prepare
