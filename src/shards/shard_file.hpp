#pragma once

#include <filesystem>

#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// Throws InputError unless the file is there and has the size that the manifest states.
void require_size(const std::filesystem::path& path, const ShardInfo& shard);

/// Reads the whole file and checks its size and digest. Throws InputError naming the file.
void check_shard_file(const std::filesystem::path& path, const ShardInfo& shard);

/// Where rows stand in a shard of `shard_rows` rows.
struct ShardRows {
  std::uint64_t first = 0;
  std::uint64_t shard_rows = 0;
};

/// Reads as many rows as the columns have, all but their titles; indices are checked against the
/// manifest's counts, values for finiteness, the digest is not. Throws InputError naming the file.
void read_shard_rows(const std::filesystem::path& path, const Manifest& manifest,
                     const ShardRows& rows, const MutableRatingColumns& columns);

/// What to do about a shard whose chunks are so small that reading it takes many times as long; or
/// empty. Throws InputError naming the file.
std::string slow_chunks_hint(const std::filesystem::path& path);

}  // namespace nnrec::shards
