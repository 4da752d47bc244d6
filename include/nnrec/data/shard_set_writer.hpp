#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "nnrec/data/shard_set.hpp"
#include "nnrec/io/staged_folder.hpp"
#include "nnrec/math/thread_team.hpp"

namespace nnrec::data {

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

  /// Ends the set. Of `description`, source, format, split and its facts, and the rated counts are
  /// used; the writer fills in the rest. Throws IoError.
  ShardSet publish(const Manifest& description, const Catalogue& catalogue);

 private:
  class ShardFile;
  /// Running values over all rows (Welford 1962 for mean and variance).
  struct Statistics {
    std::uint64_t rows = 0;
    std::uint64_t train_rows = 0;
    double rating_min = 0;
    double rating_max = 0;
    double train_rating_mean = 0;
    std::int64_t time_min = 0;
    std::int64_t time_max = 0;
    double time_mean = 0;
    double time_squares = 0;
  };

  void append_to_shard(Part part, const RatingColumns& rows);
  void close_shard(Part part);
  void seal_shards();
  void count(Part part, const RatingColumns& rows);

  ShardSetOptions options_;
  math::ThreadTeam team_;
  io::StagedFolder staged_;
  std::array<std::unique_ptr<ShardFile>, kParts.size()> open_shards_;
  std::vector<ShardInfo> shards_;
  Statistics statistics_;
};

}  // namespace nnrec::data
