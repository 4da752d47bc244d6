// A shard behind a right seal, as its set's manifest describes it.
#include <algorithm>
#include <cmath>
#include <vector>

#include "edited_h5.hpp"
#include "shards/manifest_file.hpp"
#include "shards/shard_file.hpp"

namespace nnrec {
namespace {

constexpr std::uint32_t kRows = 12;
constexpr std::uint32_t kUsers = 5;
constexpr std::uint32_t kItems = 4;

void write_shard(fuzz::EditedH5& file) {
  file.attribute("kind", std::string(shards::kShardKind));
  file.attribute("schema_version", shards::kShardSchemaVersion);
  file.attribute("part", std::string("train"));
  for (const auto* name : {"user", "item"})
    file.column(name, std::vector<std::uint32_t>(kRows, kItems - 1));
  file.column("rating", std::vector<float>(kRows, 3));
  file.column("timestamp", std::vector<std::int64_t>(kRows, 5));
}

void read_shard(const std::filesystem::path& path, const shards::ShardInfo& shard) {
  shards::Manifest manifest;
  manifest.user_count = kUsers;
  manifest.item_count = kItems;
  manifest.has_time = true;
  std::vector<std::uint32_t> user(kRows);
  auto item = user;
  std::vector<float> rating(kRows);
  std::vector<std::int64_t> time(kRows);
  shards::check_shard_file(path, shard);
  shards::read_shard_rows(path, manifest, {0, kRows}, {user, item, {}, rating, time});
  for (std::size_t row = 0; row < kRows; ++row)
    fuzz::require(user[row] < kUsers && item[row] < kItems && std::isfinite(rating[row]),
                  "indices are below their counts and values finite");
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  static fuzz::H5Variants variants(write_shard);
  fuzz::Numbers input(std::span(data, size));
  shards::ShardInfo shard;
  shard.file = "shard-00000.h5";
  shard.rows = kRows;
  const auto bytes = variants.sealed(input, shard.digest);
  shard.bytes = bytes.size();
  const auto path = fuzz::write_input(shard.file, bytes);
  bool refused = true;
  fuzz::allow_refusal([&] {
    read_shard(path, shard);
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the shard without edits is accepted");
  return 0;
}
