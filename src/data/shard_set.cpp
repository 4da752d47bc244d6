#include "nnrec/data/shard_set.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "manifest_file.hpp"

namespace nnrec::data {
namespace {
namespace fs = std::filesystem;

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

const char* part_name(Part part) noexcept {
  switch (part) {
    case Part::train:
      return "train";
    case Part::validation:
      return "validation";
    case Part::test:
      return "test";
  }
  return "unknown";
}

std::uint64_t Manifest::rows(Part part) const noexcept {
  std::uint64_t count = 0;
  for (const auto& shard : shards) count += shard.part == part ? shard.rows : 0;
  return count;
}

ShardSet ShardSet::open(const fs::path& folder) {
  const auto path = folder / kManifestName;
  std::error_code status;
  if (!fs::exists(path, status)) {
    throw InputError("{}: holds no shard set (no {}). Run nnrec_prep --output {} first.",
                     folder.string(), kManifestName, folder.string());
  }
  auto file = read_manifest(path);
  ShardSet set;
  set.folder_ = folder;
  set.manifest_ = std::move(file.manifest);
  set.catalogue_ = std::move(file.catalogue);
  for (const auto& shard : set.manifest_.shards) require_size(folder / shard.file, shard);
  return set;
}

fs::path ShardSet::shard_path(std::size_t index) const {
  if (index >= manifest_.shards.size()) throw InternalError("shard {} does not exist", index);
  return folder_ / manifest_.shards[index].file;
}

void ShardSet::check_shard(std::size_t index) const {
  const auto path = shard_path(index);
  require_size(path, manifest_.shards[index]);
  require_digest(path, manifest_.shards[index]);
}

void ShardSet::read_shard(std::size_t index, const MutableRatingColumns& columns) const {
  check_shard(index);
  const auto rows = manifest_.shards[index].rows;
  if (columns.user.size() != rows) {
    throw InternalError("columns of {} rows for {}", columns.user.size(), rows);
  }
  read_rows(index, 0, columns);
}

void ShardSet::read_rows(std::size_t index, std::uint64_t first,
                         const MutableRatingColumns& columns) const {
  const auto path = shard_path(index);
  const auto rows = manifest_.shards[index].rows;
  for (const auto size : {columns.item.size(), columns.title.size(), columns.rating.size(),
                          columns.timestamp.size()}) {
    if (size != columns.user.size()) {
      throw InternalError("a column of {} rows beside one of {}", size, columns.user.size());
    }
  }
  const io::H5Reader file(path);
  file.read_slice("user", first, rows, columns.user);
  file.read_slice("item", first, rows, columns.item);
  file.read_slice("rating", first, rows, columns.rating);
  if (manifest_.has_time) {
    file.read_slice("timestamp", first, rows, columns.timestamp);
  } else {
    std::fill(columns.timestamp.begin(), columns.timestamp.end(), 0);
  }
  require_indices({path, "user", first}, columns.user, manifest_.user_count);
  require_indices({path, "item", first}, columns.item, manifest_.item_count);
  require_finite({path, "rating", first}, columns.rating);
  for (std::size_t row = 0; row < columns.item.size(); ++row) {
    columns.title[row] = catalogue_.item_titles[columns.item[row]];
  }
}

}  // namespace nnrec::data
