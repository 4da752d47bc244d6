#include "nnrec/shards/shard_set.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/base/release.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "manifest_file.hpp"
#include "shard_file.hpp"

namespace nnrec::shards {
namespace {
namespace fs = std::filesystem;

/// Memory is reserved for the rows that the manifest states, before a shard is read: a count that
/// the file cannot hold is refused first.
void require_room(const fs::path& path, const ShardInfo& shard) {
  constexpr std::uint64_t least_row_bytes = 2 * sizeof(std::uint32_t) + sizeof(float);
  std::error_code status;
  const auto bytes = fs::file_size(path, status);
  if (status) {
    throw InputError("{}: is missing from the shard set ({}). Copy it or run nnrec_prep again.",
                     path.string(), status.message());
  }
  if (shard.rows > bytes * io::kMostExpansion / least_row_bytes) {
    throw InputError(
        "{}: has {} bytes, which cannot be the {} rows that the manifest says: it is truncated or "
        "foreign. Copy it or run nnrec_prep again.",
        path.string(), bytes, shard.rows);
  }
}

void require_size(const MutableRatingColumns& columns, std::uint64_t rows) {
  const auto times = columns.timestamp.empty() ? rows : columns.timestamp.size();
  for (const auto size : {columns.user.size(), columns.item.size(), columns.rating.size(), times}) {
    if (size != rows) throw InternalError("a column of {} rows for {}", size, rows);
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

std::vector<PartBlock> Manifest::blocks(Part part) const {
  std::vector<PartBlock> blocks;
  std::uint64_t part_first = 0;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (shards[shard].part != part) continue;
    for (std::uint64_t block = 0; block < shards[shard].blocks.size(); ++block) {
      const auto rows = std::min(kBlockRows, shards[shard].rows - block * kBlockRows);
      blocks.push_back({shard, block, part_first, rows});
      part_first += rows;
    }
  }
  return blocks;
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
  for (const auto& shard : set.manifest_.shards) require_room(folder / shard.file, shard);
  return set;
}

ShardSet ShardSet::open_checked(const fs::path& folder, const std::string& digest) {
  ShardSet set;
  set.folder_ = folder;
  set.manifest_ = read_numbers(folder / kManifestName);
  set.manifest_.digest = digest;
  return set;
}

std::string ShardSet::stated_seal(const fs::path& folder) {
  return io::stated_digest(folder / kManifestName);
}

void ShardSet::forget_columns() {
  release(catalogue_.user_ages);
  release(catalogue_.user_genders);
  release(catalogue_.user_occupations);
  release(catalogue_.user_zips);
  release(catalogue_.item_ids);
  release(catalogue_.item_titles);
  release(catalogue_.item_genres.offsets);
  release(catalogue_.item_genres.values);
  release(catalogue_.title_words.offsets);
  release(catalogue_.title_words.values);
}

void ShardSet::forget_catalogue() {
  catalogue_ = {};
}

fs::path ShardSet::shard_path(std::size_t shard) const {
  if (shard >= manifest_.shards.size()) throw InternalError("shard {} does not exist", shard);
  return folder_ / manifest_.shards[shard].file;
}

/// Calls read(). Throws as that, but where another set has taken the folder's name meanwhile:
/// the shards are whole then, and others.
template <typename Read>
void ShardSet::read_same(const Read& read) const {
  try {
    read();
  } catch (const InputError&) {
    std::string present;
    try {
      present = read_manifest(folder_ / kManifestName).manifest.digest;
    } catch (const InputError&) {  // the shard's refusal says more
    }
    if (present.empty() || present == manifest_.digest) throw;
    throw InputError(
        "{}: another set was prepared there while this program read it (digest {}, now {}). Start "
        "the program again; a run goes on with the former set, prepared as it was, or takes the "
        "new one by --allow-changes.",
        folder_.string(), manifest_.digest.substr(0, 16), present.substr(0, 16));
  }
}

void ShardSet::check_seal(std::size_t shard) const {
  read_same([&] { io::check_seal(shard_path(shard)); });
}

std::string ShardSet::speed_hint() const {
  if (manifest_.shards.empty()) return {};
  return ShardFile(shard_path(0), manifest_.shards[0], manifest_).slow_chunks_hint();
}

/// Gives `read` each block with its file, which is opened once, on all threads.
template <typename Read>
void ShardSet::for_each_block(std::span<const PartBlock> blocks, const math::ThreadTeam& team,
                              const Read& read) const {
  while (!blocks.empty()) {
    const auto shard = blocks.front().shard;
    const auto count =
        std::ranges::find_if(blocks, [=](const auto& block) { return block.shard != shard; }) -
        blocks.begin();
    read_same([&] {
      const ShardFile file(shard_path(shard), manifest_.shards[shard], manifest_);
      team.for_each(static_cast<std::size_t>(count), [&](std::size_t index, std::size_t thread) {
        read(file, blocks[index], thread);
      });
    });
    blocks = blocks.subspan(static_cast<std::size_t>(count));
  }
}

void ShardSet::read_blocks(std::span<const PartBlock> blocks, const MutableRatingColumns& columns,
                           const math::ThreadTeam& team) const {
  if (blocks.empty()) return;
  const auto first = blocks.front().part_first;
  require_size(columns, blocks.back().part_first + blocks.back().rows - first);
  for_each_block(blocks, team, [&](const ShardFile& file, const PartBlock& block, std::size_t) {
    file.read_block(block.block, columns.slice(block.part_first - first, block.rows));
  });
}

void ShardSet::visit_blocks(std::span<const PartBlock> blocks, const math::ThreadTeam& team,
                            const UseBlock& use) const {
  std::uint64_t rows = 0;
  for (const PartBlock& block : blocks) rows = std::max(rows, block.rows);
  std::vector<OwnedRatingColumns> rooms(static_cast<std::size_t>(team.size()),
                                        OwnedRatingColumns(rows));
  for_each_block(blocks, team,
                 [&](const ShardFile& file, const PartBlock& block, std::size_t thread) {
                   const auto room = rooms[thread].all().slice(0, block.rows);
                   file.read_block(block.block, room);
                   use(block, {room.user, room.item, room.rating, room.timestamp});
                 });
}

void ShardSet::read_shard(std::size_t shard, const MutableRatingColumns& columns,
                          const math::ThreadTeam& team) const {
  check_seal(shard);
  auto blocks = manifest_.blocks(manifest_.shards[shard].part);
  std::erase_if(blocks, [=](const auto& block) { return block.shard != shard; });
  read_blocks(blocks, columns, team);
}

}  // namespace nnrec::shards
