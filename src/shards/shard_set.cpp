#include "nnrec/shards/shard_set.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/io/h5_file.hpp"

#include "manifest_file.hpp"
#include "shard_file.hpp"

namespace nnrec::shards {
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

fs::path ShardSet::shard_path(std::size_t index) const {
  if (index >= manifest_.shards.size()) throw InternalError("shard {} does not exist", index);
  return folder_ / manifest_.shards[index].file;
}

void ShardSet::check_shard(std::size_t index) const {
  check_shard_file(shard_path(index), manifest_.shards[index]);
}

std::string ShardSet::speed_hint() const {
  return manifest_.shards.empty() ? "" : slow_chunks_hint(shard_path(0));
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
  read_shard_rows(path, manifest_, {first, rows}, columns);
  for (std::size_t row = 0; row < columns.item.size(); ++row) {
    columns.title[row] = catalogue_.item_titles[columns.item[row]];
  }
}

}  // namespace nnrec::shards
