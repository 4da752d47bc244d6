// A shard behind a right seal, as its set's manifest describes it.
#include <algorithm>
#include <cmath>
#include <vector>

#include "edited_h5.hpp"
#include "shards/data_digest.hpp"
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

/// As training reads a shard whose values have the digest that the manifest states, so that it is
/// their checks that are tried.
void read_shard(const std::filesystem::path& path) {
  io::check_seal(path);
  const io::H5Reader raw(path);
  const auto users = raw.read<std::uint32_t>("user");
  const auto items = raw.read<std::uint32_t>("item");
  const auto ratings = raw.read<float>("rating");
  const auto times = raw.read<std::int64_t>("timestamp");
  const shards::ShardInfo shard{"shard-00000.h5",
                                shards::Part::train,
                                kRows,
                                {shards::block_digest({users, items, ratings, times})}};
  shards::Manifest manifest;
  manifest.user_count = kUsers;
  manifest.item_count = kItems;
  manifest.has_time = true;
  std::vector<std::uint32_t> user(kRows);
  auto item = user;
  std::vector<float> rating(kRows);
  std::vector<std::int64_t> time(kRows);
  shards::ShardFile(path, shard, manifest).read_block(0, {user, item, rating, time});
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
  const auto path = fuzz::write_input("shard-00000.h5", variants.sealed(input));
  bool refused = true;
  fuzz::allow_refusal([&] {
    read_shard(path);
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the shard without edits is accepted");
  return 0;
}
