#include "shard_file.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

namespace nnrec::data {
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

void require_indices(const fs::path& path, const char* column,
                     std::span<const std::uint32_t> values, std::uint64_t limit) {
  const auto found =
      std::find_if(values.begin(), values.end(), [=](auto value) { return value >= limit; });
  if (found == values.end()) return;
  throw InputError("{}:{}: {} = {} is not below {}. Run nnrec_prep again.", path.string(),
                   found - values.begin(), column, *found, limit);
}

void require_finite(const fs::path& path, std::span<const float> values) {
  const auto found =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (found == values.end()) return;
  throw InputError("{}:{}: rating = {} is not finite. Run nnrec_prep again.", path.string(),
                   found - values.begin(), *found);
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

void read_shard_file(const fs::path& path, const ShardInfo& shard, const Manifest& manifest,
                     const MutableRatingColumns& columns) {
  require_size(path, shard);
  require_digest(path, shard);
  const io::H5Reader file(path);
  file.read_into("user", columns.user);
  file.read_into("item", columns.item);
  file.read_into("rating", columns.rating);
  if (manifest.has_time) {
    file.read_into("timestamp", columns.timestamp);
  } else {
    std::fill(columns.timestamp.begin(), columns.timestamp.end(), 0);
  }
  require_indices(path, "user", columns.user, manifest.user_count);
  require_indices(path, "item", columns.item, manifest.item_count);
  require_finite(path, columns.rating);
}

}  // namespace nnrec::data
