#include "shards/shard_file.hpp"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"

#include "shards/data_digest.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::shards {
namespace {

constexpr std::size_t kRows = 5000;

template <typename T>
void write_column(io::H5Writer& file, const char* name, std::span<const T> values,
                  std::size_t chunk_rows) {
  file.create_column<T>(name, chunk_rows);
  for (std::size_t first = 0; first < values.size(); first += chunk_rows) {
    const auto chunk = values.subspan(first, std::min(chunk_rows, values.size() - first));
    file.append_chunk(name, chunk.size(), io::pack_chunk(chunk, chunk_rows));
  }
}

/// A shard without times of kRows rows, whose users count up to 99 and start again.
ShardInfo write_shard(const std::filesystem::path& path, std::size_t chunk_rows) {
  std::vector<std::uint32_t> ids(kRows);
  std::vector<float> ratings(kRows);
  for (std::size_t row = 0; row < kRows; ++row) {
    ids[row] = static_cast<std::uint32_t>(row % 100);
    ratings[row] = static_cast<float>(row % 5 + 1);
  }
  io::H5Writer file(path);
  file.attribute("kind", std::string("nnrec shard"));
  file.attribute("schema_version", kShardSchemaVersion);
  file.attribute("part", std::string("test"));
  write_column<std::uint32_t>(file, "user", ids, chunk_rows);
  write_column<std::uint32_t>(file, "item", ids, chunk_rows);
  write_column<float>(file, "rating", ratings, chunk_rows);
  file.close();
  return {"shard.h5", Part::test, kRows, {block_digest({ids, ids, ratings, {}})}};
}

// D06 of the published faults: one-row chunks are read, right though slowly, and named.
TEST(ShardFile, ChunksOfOneRowAreReadAndHintedAt) {
  const testing::TemporaryFolder folder;
  Manifest manifest;
  manifest.user_count = manifest.item_count = 100;
  for (const std::size_t chunk_rows : {std::size_t{1}, std::size_t{4096}, kRows}) {
    const auto path = folder / "shard.h5";
    const auto info = write_shard(path, chunk_rows);
    std::vector<std::uint32_t> user(kRows);
    std::vector<std::uint32_t> item(kRows);
    std::vector<float> rating(kRows);
    std::vector<std::int64_t> time(kRows);
    const ShardFile file(path, info, manifest);
    file.read_block(0, {user, item, rating, time});
    EXPECT_EQ(user[4321], 21U);
    EXPECT_EQ(std::accumulate(user.begin(), user.end(), 0U), 50U * 4950U);
    EXPECT_EQ(user, item);
    EXPECT_EQ(std::accumulate(rating.begin(), rating.end(), 0.0F), 15000.0F);
    const std::string hint = file.slow_chunks_hint();
    EXPECT_EQ(hint.empty(), chunk_rows != 1) << hint;
    if (chunk_rows == 1) {
      EXPECT_NE(hint.find("shard.h5: is stored in chunks of 1 rows"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace nnrec::shards
