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

/// Memory is reserved for the rows that the manifest states, before a shard is read: a count that
/// the file cannot hold is refused first.
void require_room(const fs::path& path, const ShardInfo& shard) {
  constexpr std::uint64_t least_row_bytes = 2 * sizeof(std::uint32_t) + sizeof(float);
  const auto most = shard.bytes * io::kMostExpansion / least_row_bytes;
  if (shard.rows == 0 || shard.rows > most) {
    throw InputError(
        "{}: has {} bytes, which cannot be the {} rows that the manifest says. Run nnrec_prep "
        "again.",
        path.string(), shard.bytes, shard.rows);
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
  for (const auto& shard : set.manifest_.shards) {
    require_size(folder / shard.file, shard);
    require_room(folder / shard.file, shard);
  }
  return set;
}

void ShardSet::read_shard(std::size_t index, const MutableRatingColumns& columns) const {
  if (index >= manifest_.shards.size()) throw InternalError("shard {} does not exist", index);
  const auto& shard = manifest_.shards[index];
  for (const auto size : {columns.user.size(), columns.item.size(), columns.title.size(),
                          columns.rating.size(), columns.timestamp.size()}) {
    if (size != shard.rows) throw InternalError("columns of {} rows for {}", size, shard.rows);
  }
  const auto path = folder_ / shard.file;
  require_size(path, shard);
  require_digest(path, shard);
  const io::H5Reader file(path);
  file.read_into("user", columns.user);
  file.read_into("item", columns.item);
  file.read_into("rating", columns.rating);
  if (manifest_.has_time) {
    file.read_into("timestamp", columns.timestamp);
  } else {
    std::fill(columns.timestamp.begin(), columns.timestamp.end(), 0);
  }
  require_indices(path, "user", columns.user, manifest_.user_count);
  require_indices(path, "item", columns.item, manifest_.item_count);
  require_finite(path, columns.rating);
  for (std::size_t row = 0; row < columns.item.size(); ++row) {
    columns.title[row] = catalogue_.item_titles[columns.item[row]];
  }
}

}  // namespace nnrec::data
