#pragma once

#include <filesystem>

#include "nnrec/data/shard_set.hpp"

namespace nnrec::data {

/// Throws InputError unless the file is there and has the size that the manifest states.
void require_size(const std::filesystem::path& path, const ShardInfo& shard);

/// Reads a shard's columns, all but the titles, after checking size and digest; indices are checked
/// against the manifest's counts, values for finiteness. Requires: columns of shard.rows rows.
/// Throws InputError naming the file.
void read_shard_file(const std::filesystem::path& path, const ShardInfo& shard,
                     const Manifest& manifest, const MutableRatingColumns& columns);

}  // namespace nnrec::data
