// A shard behind a right seal, in a set whose manifest names it.
#include <algorithm>
#include <cmath>
#include <vector>

#include "data/manifest_file.hpp"
#include "edited_h5.hpp"

namespace nnrec {
namespace {

constexpr std::uint32_t kRows = 12;
constexpr std::uint32_t kUsers = 5;
constexpr std::uint32_t kItems = 4;

/// A manifest of one shard with the counts above.
void write_manifest(const data::ShardInfo& shard) {
  data::Manifest manifest;
  manifest.user_count = manifest.rated_user_count = kUsers;
  manifest.item_count = manifest.rated_item_count = manifest.title_count = kItems;
  manifest.has_time = true;
  manifest.shards.push_back(shard);
  data::Catalogue catalogue;
  catalogue.user_ids.assign(kUsers, "user");
  catalogue.item_ids.assign(kItems, "item");
  catalogue.item_titles.assign(kItems, 0);
  catalogue.titles.assign(kItems, "title");
  catalogue.title_words.offsets.assign(kItems + 1, 0);
  data::write_manifest(fuzz::folder() / data::kManifestName, manifest, catalogue);
}

void write_shard(const std::filesystem::path& path, fuzz::Numbers& numbers) {
  fuzz::EditedH5 file(path, numbers);
  file.attribute("kind", std::string(data::kShardKind));
  file.attribute("schema_version", data::kShardSchemaVersion);
  file.attribute("part", std::string("train"));
  for (const auto* name : {"user", "item"})
    file.column(name, std::vector<std::uint32_t>(kRows, kItems - 1));
  file.column("rating", std::vector<float>(kRows, 3));
  file.column("timestamp", std::vector<std::int64_t>(kRows, 5));
  file.close();
}

void read_shard() {
  const auto set = data::ShardSet::open(fuzz::folder().path());
  std::vector<std::uint32_t> user(kRows);
  auto item = user;
  auto title = user;
  std::vector<float> rating(kRows);
  std::vector<std::int64_t> time(kRows);
  set.read_shard(0, {user, item, title, rating, time});
  for (std::size_t row = 0; row < kRows; ++row)
    fuzz::require(user[row] < kUsers && item[row] < kItems && title[row] < kItems &&
                      std::isfinite(rating[row]),
                  "indices are below their counts and values finite");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  data::ShardInfo shard;
  shard.file = "shard-00000.h5";
  shard.rows = kRows;
  const auto path = fuzz::folder() / shard.file;
  fuzz::Numbers numbers(std::span(data, size));
  write_shard(path, numbers);
  shard.digest = io::append_seal(path);
  shard.bytes = std::filesystem::file_size(path);
  write_manifest(shard);
  bool refused = true;
  fuzz::allow_refusal([&] {
    read_shard();
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the shard without edits is accepted");
  return 0;
}
