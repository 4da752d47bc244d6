#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/io/file_stamp.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// Rows that are read together: a shard's chunk, so that no chunk is unpacked twice.
inline constexpr std::uint64_t kSliceRows = 1 << 16;

/// Consecutive rows of one shard.
struct Slice {
  std::size_t shard = 0;         ///< of manifest().shards
  std::uint64_t first = 0;       ///< in the shard
  std::uint64_t part_first = 0;  ///< in the part: rows of the shards before it counted
  std::uint64_t rows = 0;        ///< kSliceRows at most
};

/// Reads one part of a shard set slice by slice, again and again, with a digest's cost only once:
/// a shard is checked by its digest before its first use and again whenever its file's stamp has
/// moved since. So content other than the manifest's is never accepted, whenever it came.
class SliceReader {
 public:
  /// Notes the shards' stamps: what check() finds afterwards holds for as long as they stay. Throws
  /// InputError naming a file that is missing. `set` outlives the reader.
  SliceReader(const ShardSet& set, Part part);

  /// All slices, in row order, and the rows of the largest.
  const std::vector<Slice>& slices() const noexcept { return slices_; }
  std::uint64_t largest() const noexcept { return largest_; }
  std::uint64_t rows() const noexcept { return rows_; }

  /// Shards of this part, as indices of manifest().shards.
  const std::vector<std::size_t>& shards() const noexcept { return shards_; }
  /// Reads a whole shard to check its digest. Throws InputError naming the file. Another process
  /// may do it instead, after this reader was made.
  void check(std::size_t shard) const { set_.check_shard(shard); }

  /// Reads a slice into columns of exactly its rows. Throws InputError as ShardSet::read_rows, and
  /// when the shard has become another. Requires: all shards were checked.
  void read(const Slice& slice, const MutableRatingColumns& columns);

 private:
  const ShardSet& set_;
  std::vector<std::size_t> shards_;
  std::vector<Slice> slices_;
  std::vector<io::FileStamp> stamps_;  ///< by shard of the set; those of this part are used
  std::uint64_t rows_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace nnrec::shards
