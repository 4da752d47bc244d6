#pragma once

#include <filesystem>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// One shard, opened to be read. Its seal is not checked here (io::check_seal): who reads a shard
/// more than once checks it once. All members throw InputError naming the file.
class ShardFile {
 public:
  /// Checks what the file says of itself: kind, schema version, part and rows. `shard` is one of
  /// `manifest`'s; both outlive it.
  ShardFile(const std::filesystem::path& path, const ShardInfo& shard, const Manifest& manifest);

  /// Reads the rows of a block, all columns but titles, and checks their digest, that indices are
  /// below the manifest's counts, and that values are finite. Columns of exactly its rows.
  /// Several threads may read at once.
  void read_block(std::uint64_t block, const MutableRatingColumns& columns) const;

  /// What to do about chunks so small that reading takes many times as long; or empty.
  std::string slow_chunks_hint() const;

 private:
  std::string path_;
  io::H5Reader file_;
  const ShardInfo& shard_;
  const Manifest& manifest_;
};

}  // namespace nnrec::shards
