// The manifest behind a right seal: kinds, types, counts, the catalogue's lists; and what training
// makes of all that it says.
#include <cmath>
#include <limits>

#include "nnrec/features/features.hpp"

#include "edited_h5.hpp"
#include "shards/manifest_file.hpp"

namespace nnrec {
namespace {

using Texts = std::vector<std::string>;
using Indices = std::vector<std::uint32_t>;
using Counts = std::vector<std::uint64_t>;
constexpr const char* kShard = "shard-00000.h5";

/// Two users, three items, two titles, one shard of four rows.
void write_attributes(fuzz::EditedH5& file) {
  file.attribute("kind", std::string(shards::kManifestKind));
  file.attribute("schema_version", shards::kShardSchemaVersion);
  for (const auto* name : {"source", "format", "split", "rules"})
    file.attribute(name, std::string("text"));
  const std::pair<const char*, std::int64_t> integers[] = {
      {"overlap_pairs", 0},        {"cold_users", 0},       {"cold_items", 0}, {"user_count", 2},
      {"item_count", 3},           {"title_count", 2},      {"has_time", 1},   {"time_min", 5},
      {"rated_user_count", 2},     {"rated_item_count", 2}, {"time_max", 6},   {"has_scale", 1},
      {"train_rows_after_test", 0}};
  for (const auto& [name, value] : integers) file.attribute(name, value);
  for (const auto* name : {"rating_min", "scale_low", "time_variance"}) file.attribute(name, 1.0);
  for (const auto* name : {"rating_max", "scale_high", "train_rating_mean", "time_mean"})
    file.attribute(name, 5.0);
}

void write_columns(fuzz::EditedH5& file) {
  file.texts("shards/file", Texts{kShard});
  file.texts("shards/part", Texts{"train"});
  file.column("shards/rows", Counts{4});
  file.column("blocks/digest", std::vector<std::uint8_t>(32, 'a'), 32);
  file.texts("users/id", Texts{"1", "2"});
  file.column("users/age", std::vector<float>{20, 30});
  file.column("users/gender", std::vector<std::uint8_t>{'F', 'M'});
  file.column("users/occupation", Indices{0, 0});
  file.texts("occupations", Texts{"writer"});
  file.column("users/zip", std::vector<std::uint8_t>{'1', 'A'});
  file.texts("items/id", Texts{"1", "2", "3"});
  file.column("items/title", Indices{0, 1, 1});
  file.column("items/genre_offsets", Counts{0, 1, 1, 2});
  file.column("items/genre_values", Indices{0, 1});
  file.texts("genres", Texts{"Drama", "War"});
  file.texts("titles/text", Texts{"First Example", "Second Example"});
  file.column("titles/word_offsets", Counts{0, 2, 4});
  file.column("titles/word_values", Indices{1, 0, 2, 0});
  file.texts("words", Texts{"example", "first", "second"});
}

void check(const shards::ShardSet& set) {
  const auto& manifest = set.manifest();
  const auto& catalogue = set.catalogue();
  fuzz::require(catalogue.user_ids.size() == manifest.user_count, "every user has an id");
  fuzz::require(catalogue.item_titles.size() == manifest.item_count, "every item has a title");
  for (const auto title : catalogue.item_titles)
    fuzz::require(title < catalogue.titles.size(), "titles are known");
  for (const auto word : catalogue.title_words.values)
    fuzz::require(word < catalogue.words.size(), "words are known");
  fuzz::require(manifest.rated_user_count <= manifest.user_count, "rated users are users");
  fuzz::require(std::isfinite(manifest.time_mean) && manifest.time_variance >= 0,
                "times can be normalised");
  fuzz::require(!manifest.has_scale || manifest.scale_low < manifest.scale_high,
                "a scale is low to high");
}

/// Gathers every feature of every user, of every item and of far times, as training does.
void gather_all(const shards::ShardSet& set) {
  const features::Features features(set);
  features::ColumnSet wanted;
  wanted.ids.fill(true);
  wanted.bags.fill(true);
  wanted.scalars.fill(true);
  features.require(wanted);
  using Times = std::numeric_limits<std::int64_t>;
  const std::int64_t times[] = {Times::min(), -1, 0, 5, 6, Times::max()};
  const std::size_t items = set.catalogue().item_titles.size();
  std::vector<std::uint32_t> user, item;
  std::vector<std::int64_t> time;
  std::vector<std::uint64_t> rows;
  for (std::uint32_t row = 0; row < 2 * items * set.manifest().user_count; ++row) {
    user.push_back(row % static_cast<std::uint32_t>(set.manifest().user_count));
    item.push_back(row % static_cast<std::uint32_t>(items));
    time.push_back(times[row % std::size(times)]);
    rows.push_back(row);
  }
  const std::vector<float> rating(rows.size(), 3);
  features::Batch batch;
  features.gather(shards::RatingColumns{user, item, rating, time}, rows, wanted, batch);
  for (const auto bucket : batch[features::IdColumn::timestamp_bucket])
    fuzz::require(bucket < features.table_rows().timestamp_buckets, "a time has a bucket");
  for (const auto word : batch[features::BagColumn::title_words].values)
    fuzz::require(word < features.table_rows().words, "a word has a row");
  for (const auto genre : batch[features::BagColumn::genres].values)
    fuzz::require(genre < features.table_rows().genres, "a genre has a row");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  static fuzz::H5Variants variants([](fuzz::EditedH5& file) {
    write_attributes(file);
    write_columns(file);
  });
  static const auto shard = fuzz::write_input(kShard, std::string(1000, 'a'));
  fuzz::Numbers input(std::span(data, size));
  fuzz::write_input(shards::kManifestName, variants.sealed(input));
  bool refused = true;
  fuzz::allow_refusal([&] {
    const auto set = shards::ShardSet::open(shard.parent_path());
    check(set);
    gather_all(set);
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the manifest without edits is accepted");
  return 0;
}
