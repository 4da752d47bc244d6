#include <algorithm>
#include <map>
#include <numeric>

#include "nnrec/base/wording.hpp"
#include "nnrec/import/text.hpp"

#include "prep_report.hpp"

namespace nnrec::app {
namespace {

using Counts = std::vector<std::uint64_t>;

/// What all rows together show.
struct Census {
  Counts per_user;
  Counts per_item;
  std::map<float, std::uint64_t> values;
  std::uint64_t rows = 0;
  prepare::SplitFacts split;  ///< what the manifest does not tell: what is cold, of how many
};

/// Which users and items have rows in the train and in the test part.
class Sights {
 public:
  explicit Sights(const shards::Manifest& manifest)
      : users_(manifest.user_count, 0), items_(manifest.item_count, 0) {}

  /// Requires: all train rows come before the first test row.
  void see(shards::Part part, std::uint32_t user, std::uint32_t item, prepare::SplitFacts& facts) {
    if (part == shards::Part::validation) return;
    const std::uint8_t mark = part == shards::Part::train ? kTrained : kTested;
    users_[user] |= mark;
    items_[item] |= mark;
    if (part != shards::Part::test) return;
    ++facts.test_rows;
    facts.cold_rows += users_[user] == kTested || items_[item] == kTested ? 1 : 0;
  }
  void count(prepare::SplitFacts& facts) const {
    const auto tested = [](std::uint8_t marks) { return (marks & kTested) != 0; };
    const auto count_if = [&](const auto& marks, const auto& holds) {
      return static_cast<std::uint64_t>(std::ranges::count_if(marks, holds));
    };
    const auto cold = [](std::uint8_t marks) { return marks == kTested; };
    facts.test_users = count_if(users_, tested);
    facts.test_items = count_if(items_, tested);
    facts.cold_users = count_if(users_, cold);
    facts.cold_items = count_if(items_, cold);
  }

 private:
  static constexpr std::uint8_t kTrained = 1;
  static constexpr std::uint8_t kTested = 2;
  std::vector<std::uint8_t> users_;
  std::vector<std::uint8_t> items_;
};

void read_shard(const shards::ShardSet& set, std::size_t shard, Census& census, Sights& sights) {
  const auto& info = set.manifest().shards[shard];
  shards::OwnedRatingColumns rows(info.rows);
  set.read_shard(shard, rows.all(), math::ThreadTeam(0));
  for (std::size_t row = 0; row < info.rows; ++row) {
    ++census.per_user[rows.user[row]];
    ++census.per_item[rows.item[row]];
    ++census.values[rows.rating[row]];
    sights.see(info.part, rows.user[row], rows.item[row], census.split);
  }
  census.rows += info.rows;
}

Census take_census(const shards::ShardSet& set) {
  const auto& manifest = set.manifest();
  Census census{Counts(manifest.user_count, 0), Counts(manifest.item_count, 0), {}, 0, {}};
  Sights sights(manifest);
  for (const shards::Part part : shards::kParts) {  // train first
    for (std::size_t shard = 0; shard < manifest.shards.size(); ++shard) {
      if (manifest.shards[shard].part == part) read_shard(set, shard, census, sights);
    }
  }
  sights.count(census.split);
  census.split.users = manifest.rated_user_count;
  return census;
}

void print_quantiles(const char* noun, Counts counts, Log& log) {
  std::erase(counts, 0U);
  if (counts.empty()) return;
  std::sort(counts.begin(), counts.end());
  const auto at = [&](std::size_t percent) {
    return grouped(counts[(counts.size() - 1) * percent / 100]);
  };
  log.print("       ratings a rated {}: least {}, 25 % {}, median {}, 75 % {}, 95 % {}, most {}",
            noun, at(0), at(25), at(50), at(75), at(95), at(100));
}

void print_values(const Census& census, Log& log) {
  constexpr std::size_t kMostValues = 25;
  constexpr int kBins = 10;
  auto values = census.values;
  if (values.size() > kMostValues) {
    const auto low = values.begin()->first;
    const auto width = (values.rbegin()->first - low) / kBins;
    std::map<float, std::uint64_t> bins;
    for (const auto& [value, count] : values) {
      const auto bin = std::min(static_cast<int>((value - low) / width), kBins - 1);
      bins[low + width * static_cast<float>(bin)] += count;
    }
    values = std::move(bins);
    log.print("values {} different, in {} ranges from:", census.values.size(), kBins);
  } else {
    log.print("values {} different", values.size());
  }
  for (const auto& [value, count] : values) {
    log.print("       {:>8.6g} {:>12} {:5.1f} %", value, grouped(count),
              100 * static_cast<double>(count) / static_cast<double>(census.rows));
  }
}

void print_years(const shards::Catalogue& catalogue, Log& log) {
  std::vector<int> years;
  for (const auto& title : catalogue.titles) {
    if (const auto year = importing::title_year(title)) years.push_back(*year);
  }
  if (years.empty()) return;
  const auto [first, last] = std::minmax_element(years.begin(), years.end());
  log.print("       years in titles: {} to {}; {} titles have none", *first, *last,
            grouped(catalogue.titles.size() - years.size()));
}

void print_counts(const shards::Manifest& manifest, const Census& census, Log& log) {
  log.print("source {} ({})", manifest.source, manifest.format);
  log.print("counts {} ratings, {} users, {} items, {} titles", grouped(census.rows),
            grouped(manifest.user_count), grouped(manifest.item_count),
            grouped(manifest.title_count));
  log.print("       without ratings: {} users, {} items",
            grouped(manifest.user_count - manifest.rated_user_count),
            grouped(manifest.item_count - manifest.rated_item_count));
  const auto cells = static_cast<double>(manifest.rated_user_count) *
                     static_cast<double>(manifest.rated_item_count);
  log.print("       density {:.4f} % of rated users x rated items",
            100 * static_cast<double>(census.rows) / std::max(cells, 1.0));
}

}  // namespace

void describe_set(const shards::ShardSet& set, Log& log) {
  const auto& manifest = set.manifest();
  const auto census = take_census(set);
  print_counts(manifest, census, log);
  print_quantiles("user", census.per_user, log);
  print_quantiles("item", census.per_item, log);
  print_years(set.catalogue(), log);
  for (std::string_view rest = manifest.rules; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    log.print("rule   {}", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  print_values(census, log);
  log.print("scale  {}", manifest.has_scale
                             ? fmt::format("{}..{}", manifest.scale_low, manifest.scale_high)
                             : std::string("not declared"));
  log.print("times  {}", manifest.has_time ? fmt::format("from {} ({}) to {} ({})",
                                                         manifest.time_min, date(manifest.time_min),
                                                         manifest.time_max, date(manifest.time_max))
                                           : std::string("none"));
  print_split(manifest, census.split, log);
  for (std::size_t index = 0; index < manifest.shards.size(); ++index) {
    const auto& shard = manifest.shards[index];
    log.print("shard  {} {}: {} rows, {} bytes", shard.file, shards::part_name(shard.part),
              grouped(shard.rows), grouped(std::filesystem::file_size(set.shard_path(index))));
  }
  log.print("data digest {}", manifest.digest);
}

}  // namespace nnrec::app
