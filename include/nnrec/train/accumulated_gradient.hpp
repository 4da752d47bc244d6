#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/train/station.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// The exact sums of several batches added up, each row that any of them touched once. Sums are
/// integers: batches of whole tiles give what one batch of all their rows gives. In memory that the
/// node's ranks share; each adds its part, and all of them call each function alike.
class AccumulatedGradient {
 public:
  using Gradient = SummedGradient<std::int64_t>;
  /// What is added to one table.
  struct TableSize {
    std::size_t rows;
    std::size_t cols;
    std::size_t most_touched;  ///< rows, by all batches together
  };

  /// Collective. The arguments outlive it, but for the sizes.
  AccumulatedGradient(std::size_t dense_size, std::span<const TableSize> tables,
                      comm::Communicator& ranks, const Station& station,
                      const math::ThreadTeam& team);

  // A node_barrier stands between any two of these, and before what they read or gave is changed.

  /// Forgets this rank's part.
  void clear();
  /// Adds this rank's part; waits for the node's ranks in between. Requires: the sums of all
  /// batches added since clear() fit (see GradientSum).
  void add(const Gradient& gradient);
  /// Of what was added since clear(); waits for the node's ranks. Valid until the next change.
  const Gradient& sum();

 private:
  /// Rows have their slots in the order in which they are met first: no sum ever moves.
  struct Table {
    std::size_t cols = 0;
    std::size_t used = 0;            ///< slots, as every rank counts them
    std::span<std::uint64_t> bits;   ///< by row: whether it has a slot
    std::span<std::uint32_t> slot;   ///< by row: its slot + 1, or 0
    std::span<std::int64_t> sums;    ///< (most_touched, cols), by slot
    std::span<std::uint32_t> rows;   ///< those that have slots, rising
    std::span<std::uint32_t> slots;  ///< of `rows`
  };
  Range part_of(std::size_t elements, std::size_t part) const;
  template <typename Count>
  void count_parts(const Count& count);
  void add_dense(std::span<const std::int64_t> more, std::size_t part);
  void add_rows(const Gradient::Table& more, std::size_t number, std::size_t part);
  void list_rows(std::size_t number, std::size_t part);

  comm::Communicator& ranks_;
  const Station& station_;
  const math::ThreadTeam& team_;
  std::span<std::int64_t> dense_;
  std::span<std::uint64_t> counts_;  ///< (table, rank of the node)
  std::vector<std::size_t> before_;  ///< (table, part): what was counted in front of it
  std::vector<std::size_t> totals_;  ///< by table: what was counted by all
  std::vector<Table> tables_;
  Gradient sum_;
};

}  // namespace nnrec::train
