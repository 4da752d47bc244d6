#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::train {

/// Which node keeps a row of a table: sums over all nodes come together there, it alone updates the
/// row, and others get its values when they need them. Where nobody shares rows out, each node
/// keeps all.
class Owners {
 public:
  /// Each node keeps all rows.
  Owners() = default;
  /// Rows shared out over the nodes, `run_rows` in a row to one: a power of two from 8 on.
  /// Collective.
  static Owners of_nodes(comm::Communicator& ranks, std::size_t run_rows);
  /// As seen by node `node` of nodes whose first ranks are these; one more entry holds the number
  /// of all ranks.
  Owners(std::size_t node, std::vector<int> first_ranks, std::size_t run_rows = kLeastRunRows);

  std::size_t count() const noexcept { return first_ranks_.size() - 1; }
  /// This node.
  std::size_t node() const noexcept { return node_; }
  /// Runs of rows in turn: neighbours are updated together, and popular rows, which often stand in
  /// a row, are spread.
  std::size_t of(std::uint64_t row) const noexcept { return row / run_rows_ % count(); }
  bool owns(std::uint64_t row) const noexcept { return count() == 1 || of(row) == node_; }
  /// Calls use(range) for each run of own rows in `rows`.
  template <typename Use>
  void for_each_run(Range rows, const Use& use) const {
    if (count() == 1) return use(rows);
    for (std::size_t begin = rows.begin; begin < rows.end;) {
      const std::size_t end = std::min(rows.end, (begin / run_rows_ + 1) * run_rows_);
      if (owns(begin)) use({begin, end});
      begin = end;
    }
  }
  /// Of `tiles` tiles, those that the ranks of a node compute.
  Range tiles_of(std::size_t node, std::size_t tiles) const {
    const int all = first_ranks_.back();
    return {share_of(tiles, first_ranks_[node], all).begin,
            share_of(tiles, first_ranks_[node + 1] - 1, all).end};
  }

  static constexpr std::size_t kLeastRunRows = 8;
  std::size_t run_rows() const noexcept { return run_rows_; }

 private:
  std::size_t run_rows_ = kLeastRunRows;
  std::size_t node_ = 0;
  std::vector<int> first_ranks_{0, 1};
};

}  // namespace nnrec::train
