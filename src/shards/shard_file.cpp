#include "shard_file.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "nnrec/base/error.hpp"

#include "data_digest.hpp"
#include "manifest_file.hpp"

namespace nnrec::shards {
namespace {

constexpr const char* kRemedy = "Copy the whole set or run nnrec_prep again.";

/// Values of a shard's column, from row `first` on: what a message says of them.
struct Place {
  const std::string& path;
  const char* column;
  std::uint64_t first;
};

void require_indices(const Place& place, std::span<const std::uint32_t> values,
                     std::uint64_t limit) {
  const auto found =
      std::find_if(values.begin(), values.end(), [=](auto value) { return value >= limit; });
  if (found == values.end()) return;
  throw InputError("{}:{}: {} = {} is not below {}. Run nnrec_prep again.", place.path,
                   place.first + static_cast<std::uint64_t>(found - values.begin()), place.column,
                   *found, limit);
}

void require_finite(const Place& place, std::span<const float> values) {
  const auto found =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (found == values.end()) return;
  throw InputError("{}:{}: {} = {} is not finite. Run nnrec_prep again.", place.path,
                   place.first + static_cast<std::uint64_t>(found - values.begin()), place.column,
                   *found);
}

}  // namespace

ShardFile::ShardFile(const std::filesystem::path& path, const ShardInfo& shard,
                     const Manifest& manifest)
    : path_(path.string()), file_(path), shard_(shard), manifest_(manifest) {
  require_kind(file_, path_, kShardKind);
  if (const auto part = file_.string_attribute("part"); part != part_name(shard.part)) {
    throw InputError("{}: is of the {} part where the manifest says {}. {}", path_, part,
                     part_name(shard.part), kRemedy);
  }
  if (const auto rows = file_.shape("user").front(); rows != shard.rows) {
    throw InputError("{}: has {} rows where the manifest says {}. {}", path_, rows, shard.rows,
                     kRemedy);
  }
}

void ShardFile::read_block(std::uint64_t block, const MutableRatingColumns& columns) const {
  const auto first = block * kBlockRows;
  file_.read_slice("user", first, shard_.rows, columns.user);
  file_.read_slice("item", first, shard_.rows, columns.item);
  file_.read_slice("rating", first, shard_.rows, columns.rating);
  std::vector<std::int64_t> unwanted;  // times, which the digest covers
  std::span<std::int64_t> times;
  if (manifest_.has_time) {
    if (columns.timestamp.empty()) unwanted.resize(columns.user.size());
    times = columns.timestamp.empty() ? unwanted : columns.timestamp;
    file_.read_slice("timestamp", first, shard_.rows, times);
  } else {
    std::ranges::fill(columns.timestamp, 0);
  }
  if (block_digest({columns.user, columns.item, columns.rating, times}) !=
      shard_.blocks.at(block)) {
    throw InputError(
        "{}: rows {} to {} are not those that the manifest names: their digest differs. {}", path_,
        first, first + columns.user.size(), kRemedy);
  }
  require_indices({path_, "user", first}, columns.user, manifest_.user_count);
  require_indices({path_, "item", first}, columns.item, manifest_.item_count);
  require_finite({path_, "rating", first}, columns.rating);
}

std::string ShardFile::slow_chunks_hint() const {
  constexpr std::uint64_t least_chunk_rows = 4096;
  const std::uint64_t chunk_rows = file_.chunk_rows("user");
  if (chunk_rows >= std::min(shard_.rows, least_chunk_rows)) return {};
  return fmt::format(
      "{}: is stored in chunks of {} rows, which takes many times as long to read; make the set "
      "anew with nnrec_prep",
      path_, chunk_rows);
}

}  // namespace nnrec::shards
