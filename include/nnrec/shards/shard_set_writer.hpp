#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "nnrec/io/staged_folder.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

struct ShardSetOptions {
  std::filesystem::path folder;
  std::uint64_t shard_rows = 1 << 20;  ///< rows a shard at most
  bool has_time = true;                ///< without, the shards have no timestamp column
  int threads = 0;                     ///< that compress; 0: all
};

/// Writes a shard set as rows come: memory does not grow with them. Chunks are compressed on all
/// threads; the bytes do not depend on their number. Every shard belongs to one part. The set is
/// under its final name only after publish(), and then it is whole; an older set there stays until
/// that moment.
class ShardSetWriter {
 public:
  /// Throws InputError when something is at the folder that is neither empty nor a shard set.
  explicit ShardSetWriter(const ShardSetOptions& options);
  ~ShardSetWriter();
  ShardSetWriter(const ShardSetWriter&) = delete;
  ShardSetWriter& operator=(const ShardSetWriter&) = delete;

  /// Requires: nothing was appended yet.
  void set_has_time(bool has_time) noexcept { options_.has_time = has_time; }

  /// Adds rows after those already in `part`. Columns of equal length; titles are not used: an item
  /// has its title in the catalogue. Throws IoError.
  void append(Part part, const RatingColumns& rows);

  /// Writes rows [first, first + to.user.size()) of those to be appended into `to` (no titles;
  /// times if the set has them). Called on many threads.
  using FillRows = std::function<void(std::uint64_t first, const MutableRatingColumns& to)>;
  /// The same for `rows` rows that `fill` makes when they are needed.
  void append(Part part, std::uint64_t rows, const FillRows& fill);

  /// Ends the set. Of `description`, source, format, split and its facts, and the rated counts are
  /// used; the writer fills in the rest. Throws IoError; InputError when a text is too long.
  ShardSet publish(const Manifest& description, const Catalogue& catalogue);

 private:
  class ShardFile;
  struct PackedChunk;
  /// Rows [first, first + rows) of a part.
  struct Chunk {
    std::uint64_t first;
    std::uint64_t rows;
  };
  struct Rows;
  struct Stream;

  Stream& stream_of(Part part);
  std::vector<Chunk> cut_chunks(std::uint64_t first, std::uint64_t end) const;
  template <typename Fill>
  void pack_chunks(Part part, const std::vector<Chunk>& chunks, const Fill& fill);
  PackedChunk pack(const Chunk& chunk, const Rows& rows) const;
  void write(Part part, const PackedChunk& chunk);
  void close_shard(Part part);
  void finish(Part part);
  void seal_shards();

  ShardSetOptions options_;
  math::ThreadTeam team_;
  io::StagedFolder staged_;
  std::vector<Stream> streams_;  ///< by part
  std::vector<ShardInfo> shards_;
};

}  // namespace nnrec::shards
