#include "nnrec/train/row_order.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/math/permuted.hpp"

namespace nnrec::train {

/// Blocks in their permuted order, cut into groups, and the permutation of each group's rows.
struct RowOrder::Groups {
  RowBlocks blocks;
  std::size_t group_blocks;
  std::uint64_t seed;
  std::uint64_t epoch;
  std::vector<std::size_t> block_at;      ///< by place: which block
  std::vector<std::size_t> place_of;      ///< by block: its place
  std::vector<std::uint64_t> first_at;    ///< by place, and the end: rows of the places before
  std::vector<Permutation> permutations;  ///< by group

  Groups(RowBlocks all, std::uint64_t key, std::uint64_t number, std::size_t together)
      : blocks(std::move(all)), group_blocks(together), seed(key), epoch(number) {
    const std::size_t count = blocks->size();
    const Permutation order(count, seed, Purpose::block_order, epoch);
    place_of.resize(count);
    first_at.push_back(0);
    for (std::size_t place = 0; place < count; ++place) {
      block_at.push_back(static_cast<std::size_t>(order(place)));
      place_of[block_at.back()] = place;
      first_at.push_back(first_at.back() + (*blocks)[block_at.back()].size());
    }
    for (std::size_t group = 0; group * group_blocks < count; ++group) {
      const std::uint64_t step = (epoch << kGroupBits) + group;
      permutations.emplace_back(end_of(group) - first_of(group), seed, Purpose::row_order_of_group,
                                step);
    }
  }

  static constexpr int kGroupBits = 24;

  std::uint64_t first_of(std::size_t group) const { return first_at[group * group_blocks]; }
  std::uint64_t end_of(std::size_t group) const {
    return first_at[std::min((group + 1) * group_blocks, block_at.size())];
  }
  /// The place, by position before the rows of a group are permuted.
  std::size_t place(std::uint64_t position) const {
    const auto after = std::ranges::upper_bound(first_at, position);
    return static_cast<std::size_t>(after - first_at.begin()) - 1;
  }
  /// By position before the rows of its group are permuted.
  std::uint64_t row(std::size_t group, std::uint64_t position) const {
    const auto begin = first_at.begin() + static_cast<std::ptrdiff_t>(group * group_blocks);
    const auto left = static_cast<std::size_t>(first_at.end() - begin);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(group_blocks + 1, left));
    const auto at =
        static_cast<std::size_t>(std::upper_bound(begin, end, position) - first_at.begin()) - 1;
    return (*blocks)[block_at[at]].begin + (position - first_at[at]);
  }
};

std::string_view order_name(OrderKind kind) {
  return kind == OrderKind::blocks ? "blocks" : "shuffle";
}

RowOrder RowOrder::shuffled(std::uint64_t rows, std::uint64_t seed, std::uint64_t epoch) {
  RowOrder order;
  order.shuffle_.emplace(rows, seed, Purpose::epoch_order, epoch);
  return order;
}

RowOrder RowOrder::of_blocks(RowBlocks blocks, std::uint64_t seed, std::uint64_t epoch,
                             std::size_t group_blocks) {
  if (!blocks || blocks->empty()) throw InternalError("an order of no blocks");
  RowOrder order;
  order.groups_ = std::make_shared<const Groups>(std::move(blocks), seed, epoch, group_blocks);
  return order;
}

void RowOrder::values(std::uint64_t first, std::span<std::uint64_t> rows) const noexcept {
  if (shuffle_) return math::permuted_values(*shuffle_, first, rows);
  if (!groups_) return std::iota(rows.begin(), rows.end(), first);
  while (!rows.empty()) {
    const std::size_t group = groups_->place(first) / groups_->group_blocks;
    const std::uint64_t begin = groups_->first_of(group);
    const std::size_t count = std::min<std::uint64_t>(rows.size(), groups_->end_of(group) - first);
    const auto part = rows.first(count);
    math::permuted_values(groups_->permutations[group], first - begin, part);
    for (std::uint64_t& row : part) row = groups_->row(group, begin + row);
    rows = rows.subspan(count);
    first += count;
  }
}

void RowOrder::positions(std::uint64_t first, std::span<std::uint64_t> to) const noexcept {
  if (shuffle_) return math::permuted_indices(*shuffle_, first, to);
  if (!groups_) return std::iota(to.begin(), to.end(), first);
  const auto& blocks = *groups_->blocks;
  const auto block = static_cast<std::size_t>(
      std::ranges::upper_bound(blocks, first, {}, &Range::end) - blocks.begin());
  const std::size_t place = groups_->place_of[block];
  const std::size_t group = place / groups_->group_blocks;
  const std::uint64_t begin = groups_->first_of(group);
  const std::uint64_t inside = groups_->first_at[place] - begin + (first - blocks[block].begin);
  math::permuted_indices(groups_->permutations[group], inside, to);
  for (std::uint64_t& position : to) position += begin;
}

std::vector<std::size_t> RowOrder::blocks_of(Range positions,
                                             const std::vector<Range>& blocks) const {
  std::vector<std::size_t> found;
  if (positions.size() == 0) return found;
  if (groups_) {
    const std::size_t group_blocks = groups_->group_blocks;
    const std::size_t first = groups_->place(positions.begin) / group_blocks * group_blocks;
    const std::size_t last = groups_->place(positions.end - 1) / group_blocks * group_blocks;
    const std::size_t end = std::min(last + group_blocks, blocks.size());
    for (std::size_t place = first; place < end; ++place) found.push_back(groups_->block_at[place]);
    std::ranges::sort(found);
    return found;
  }
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const bool overlaps =
        blocks[block].begin < positions.end && positions.begin < blocks[block].end;
    if (shuffle_ || overlaps) found.push_back(block);
  }
  return found;
}

bool operator==(const RowOrder& a, const RowOrder& b) {
  if (a.groups_ == b.groups_) return a.shuffle_ == b.shuffle_;
  return a.groups_ && b.groups_ && a.groups_->blocks == b.groups_->blocks &&
         a.groups_->group_blocks == b.groups_->group_blocks && a.groups_->seed == b.groups_->seed &&
         a.groups_->epoch == b.groups_->epoch;
}

}  // namespace nnrec::train
