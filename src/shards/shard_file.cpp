#include "shard_file.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

namespace nnrec::shards {
namespace {
namespace fs = std::filesystem;

void require_digest(const fs::path& path, const ShardInfo& shard) {
  if (io::check_seal(path) != shard.digest) {
    throw InputError(
        "{}: is whole, but not the shard that the manifest names: its digest differs. Copy the "
        "whole set or run nnrec_prep again.",
        path.string());
  }
}

/// Values of a shard's column, from row `first` on: what a message says of them.
struct Place {
  const fs::path& path;
  const char* column;
  std::uint64_t first;
};

void require_indices(const Place& place, std::span<const std::uint32_t> values,
                     std::uint64_t limit) {
  const auto found =
      std::find_if(values.begin(), values.end(), [=](auto value) { return value >= limit; });
  if (found == values.end()) return;
  throw InputError("{}:{}: {} = {} is not below {}. Run nnrec_prep again.", place.path.string(),
                   place.first + static_cast<std::uint64_t>(found - values.begin()), place.column,
                   *found, limit);
}

void require_finite(const Place& place, std::span<const float> values) {
  const auto found =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (found == values.end()) return;
  throw InputError("{}:{}: {} = {} is not finite. Run nnrec_prep again.", place.path.string(),
                   place.first + static_cast<std::uint64_t>(found - values.begin()), place.column,
                   *found);
}

}  // namespace

void require_size(const fs::path& path, const ShardInfo& shard) {
  std::error_code status;
  const auto size = fs::file_size(path, status);
  if (status) {
    throw InputError("{}: is missing from the shard set ({}). Copy it or run nnrec_prep again.",
                     path.string(), status.message());
  }
  if (size != shard.bytes) {
    throw InputError(
        "{}: has {} bytes where the manifest says {}: it is truncated or foreign. Copy it or run "
        "nnrec_prep again.",
        path.string(), size, shard.bytes);
  }
}

void check_shard_file(const fs::path& path, const ShardInfo& shard) {
  require_size(path, shard);
  require_digest(path, shard);
}

std::string slow_chunks_hint(const fs::path& path) {
  constexpr std::uint64_t least_chunk_rows = 4096;
  const io::H5Reader file(path);
  const std::uint64_t rows = file.shape("user").front();
  const std::uint64_t chunk_rows = file.chunk_rows("user");
  if (chunk_rows >= std::min(rows, least_chunk_rows)) return {};
  return fmt::format(
      "{}: is stored in chunks of {} rows, which takes many times as long to read; make the set "
      "anew with nnrec_prep",
      path.string(), chunk_rows);
}

void read_shard_rows(const fs::path& path, const Manifest& manifest, const ShardRows& rows,
                     const MutableRatingColumns& columns) {
  const io::H5Reader file(path);
  file.read_slice("user", rows.first, rows.shard_rows, columns.user);
  file.read_slice("item", rows.first, rows.shard_rows, columns.item);
  file.read_slice("rating", rows.first, rows.shard_rows, columns.rating);
  if (manifest.has_time) {
    file.read_slice("timestamp", rows.first, rows.shard_rows, columns.timestamp);
  } else {
    std::fill(columns.timestamp.begin(), columns.timestamp.end(), 0);
  }
  require_indices({path, "user", rows.first}, columns.user, manifest.user_count);
  require_indices({path, "item", rows.first}, columns.item, manifest.item_count);
  require_finite({path, "rating", rows.first}, columns.rating);
}

}  // namespace nnrec::shards
