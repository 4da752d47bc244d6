// The manifest behind a right seal: kinds, types, counts, the catalogue's lists.
#include <cmath>

#include "edited_h5.hpp"
#include "shards/manifest_file.hpp"

namespace nnrec {
namespace {

using Texts = std::vector<std::string>;
using Indices = std::vector<std::uint32_t>;
using Counts = std::vector<std::uint64_t>;

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
  file.strings("shards/file", Texts{"shard-00000.h5"});
  file.strings("shards/part", Texts{"train"});
  file.strings("shards/digest", Texts{std::string(64, 'a')});
  file.column("shards/rows", Counts{4});
  file.column("shards/bytes", Counts{1000});
  file.strings("users/id", Texts{"1", "2"});
  file.column("users/age", std::vector<float>{20, 30});
  file.column("users/gender", std::vector<std::uint8_t>{'F', 'M'});
  file.column("users/occupation", Indices{0, 0});
  file.strings("occupations", Texts{"writer"});
  file.strings("items/id", Texts{"1", "2", "3"});
  file.column("items/title", Indices{0, 1, 1});
  file.column("items/genre_offsets", Counts{0, 1, 1, 2});
  file.column("items/genre_values", Indices{0, 1});
  file.strings("genres", Texts{"Drama", "War"});
  file.strings("titles/text", Texts{"First Example", "Second Example"});
  file.column("titles/word_offsets", Counts{0, 2, 4});
  file.column("titles/word_values", Indices{1, 0, 2, 0});
  file.strings("words", Texts{"example", "first", "second"});
}

void check(const shards::ManifestFile& file) {
  const auto& manifest = file.manifest;
  const auto& catalogue = file.catalogue;
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

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  static fuzz::H5Variants variants([](fuzz::EditedH5& file) {
    write_attributes(file);
    write_columns(file);
  });
  fuzz::Numbers input(std::span(data, size));
  std::string digest;
  const auto path = fuzz::write_input(shards::kManifestName, variants.sealed(input, digest));
  bool refused = true;
  fuzz::allow_refusal([&] {
    const auto file = shards::read_manifest(path);
    check(file);
    fuzz::require(file.manifest.digest == digest, "the digest names the file");
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the manifest without edits is accepted");
  return 0;
}
