#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/train/owners.hpp"

namespace nnrec::train {

/// Where a rank stands among those that share a step out: tiles go over all ranks, what a node does
/// once over its ranks, rows of tables over the nodes that keep them. Ranks are numbered so that
/// those of a node stand in a row.
struct Station {
  int index = 0;  ///< among all ranks
  int count = 1;
  int node_rank = 0;
  int node_size = 1;
  Owners owners{};

  static Station of(const comm::Communicator& ranks) {
    return {ranks.node_first() + ranks.node_rank(), ranks.size(), ranks.node_rank(),
            ranks.node_size()};
  }
  /// The same, with rows of tables shared out over nodes in runs of `run_rows`. Collective.
  static Station among_owners(comm::Communicator& ranks, std::size_t run_rows) {
    Station station = of(ranks);
    station.owners = Owners::of_nodes(ranks, run_rows);
    return station;
  }
  /// This rank's part of `tiles` tiles, and its node's.
  Range own_tiles(std::size_t tiles) const { return share_of(tiles, index, count); }
  Range node_tiles(std::size_t tiles) const {
    const int first = index - node_rank;
    return {share_of(tiles, first, count).begin, share_of(tiles, first + node_size - 1, count).end};
  }
  /// The most tiles that a node with so many ranks gets of `tiles` or fewer.
  std::size_t most_node_tiles(std::size_t tiles) const {
    const auto n = static_cast<std::size_t>(count);
    return (tiles * static_cast<std::size_t>(node_size) + n - 1) / n;
  }
  /// Whether a piece of the node's work is this rank's. In turn: neighbours cost alike.
  bool has(std::size_t piece) const {
    return piece % static_cast<std::size_t>(node_size) == static_cast<std::size_t>(node_rank);
  }
  /// Calls visit(range) for this rank's pieces of [0, elements), of `most` each and at last fewer.
  /// `number` counts the pieces of all ranks on, over what a node's work is made of.
  template <typename Visit>
  void for_own_pieces(std::size_t elements, std::size_t most, std::size_t& number,
                      const Visit& visit) const {
    for (std::size_t begin = 0; begin < elements; begin += most) {
      if (has(number++)) visit(Range{begin, std::min(elements, begin + most)});
    }
  }
};

/// Hands out arrays of a piece of memory one behind the other, each on a cache line.
class ArrayRoom {
 public:
  explicit ArrayRoom(std::span<std::byte> memory) : rest_(memory) {}
  template <typename T>
  static std::size_t bytes(std::size_t count) {
    return (count * sizeof(T) + kLine - 1) / kLine * kLine;
  }
  template <typename T>
  std::span<T> take(std::size_t count) {
    const auto part = rest_.first(bytes<T>(count));
    rest_ = rest_.subspan(part.size());
    return {reinterpret_cast<T*>(part.data()), count};
  }

 private:
  static constexpr std::size_t kLine = 64;
  std::span<std::byte> rest_;
};

/// A zeroed array of `count` numbers that the ranks of a node share. Collective.
template <typename T>
std::span<T> node_array(comm::Communicator& ranks, std::size_t count) {
  return {reinterpret_cast<T*>(ranks.node_array(count * sizeof(T)).data()), count};
}

/// What the first rank of a node gives, as many numbers on each node, in memory that its ranks
/// share. Collective.
template <typename T>
std::span<const T> node_copy(comm::Communicator& ranks, std::span<const T> first) {
  static_assert(std::is_trivially_copyable_v<T>);
  const bool is_first = ranks.node_rank() == 0;
  std::array<std::int64_t, 1> count{is_first ? std::ssize(first) : 0};
  ranks.maximum(count);
  const auto copy = node_array<T>(ranks, static_cast<std::size_t>(count[0]));
  if (is_first) std::ranges::copy(first, copy.begin());
  ranks.node_barrier();
  return copy;
}

}  // namespace nnrec::train
