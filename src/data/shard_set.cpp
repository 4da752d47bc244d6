#include "nnrec/data/shard_set.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_file.hpp"

#include "manifest_file.hpp"
#include "shard_file.hpp"

namespace nnrec::data {
namespace {
namespace fs = std::filesystem;

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
  read_shard_file(folder_ / shard.file, shard, manifest_, columns);
  for (std::size_t row = 0; row < columns.item.size(); ++row) {
    columns.title[row] = catalogue_.item_titles[columns.item[row]];
  }
}

}  // namespace nnrec::data
