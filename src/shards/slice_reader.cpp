#include "nnrec/shards/slice_reader.hpp"

#include <algorithm>

namespace nnrec::shards {

SliceReader::SliceReader(const ShardSet& set, Part part)
    : set_(set), stamps_(set.manifest().shards.size()) {
  const auto& shards = set.manifest().shards;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (shards[shard].part != part) continue;
    shards_.push_back(shard);
    stamps_[shard] = io::stamp_of(set.shard_path(shard));
    for (std::uint64_t first = 0; first < shards[shard].rows; first += kSliceRows) {
      const std::uint64_t rows = std::min(kSliceRows, shards[shard].rows - first);
      slices_.push_back({shard, first, rows_ + first, rows});
      largest_ = std::max(largest_, rows);
    }
    rows_ += shards[shard].rows;
  }
}

void SliceReader::read(const Slice& slice, const MutableRatingColumns& columns) {
  // The stamp is compared behind the read: then nothing changed before it or meanwhile.
  for (;;) {
    set_.read_rows(slice.shard, slice.first, columns);
    const io::FileStamp stamp = io::stamp_of(set_.shard_path(slice.shard));
    if (stamp == stamps_[slice.shard]) return;
    stamps_[slice.shard] = stamp;
    check(slice.shard);  // a copy put in its place, say, is as good; anything else ends here
  }
}

}  // namespace nnrec::shards
