#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/features/batch.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/train/node_rows.hpp"
#include "nnrec/train/range.hpp"

namespace nnrec::train {

/// What a model is trained or evaluated on. The referenced objects outlive who uses them.
struct ModelInput {
  const models::Network& network;
  const features::Features& features;
  NodeRows& rows;
};

/// The rows of one table that the global batch looks up, and where this rank's batch rows do so.
struct TouchedRows {
  std::vector<std::uint32_t> rows;        ///< rising; equal on every rank
  std::vector<std::uint32_t> offsets;     ///< rows.size() + 1, into batch_rows
  std::vector<std::uint32_t> batch_rows;  ///< this rank's rows of the batch, by touched row
  std::size_t lookups = 0;                ///< of the whole global batch
};

/// Everything about one global batch that does not depend on the parameters. Every rank computes it
/// alone, from the order function and the columns in its node's memory: no message tells who
/// touches which row.
struct BatchPlan {
  std::uint64_t first_position = 0;  ///< in the epoch's order
  /// The whole global batch; what no table is looked up by (ratings, scalars, other bags) is there
  /// for this rank's tiles only.
  features::Batch batch;
  Range own;                        ///< rows of the batch in this rank's tiles
  Range tiles;                      ///< this rank's; tile t has rows [64 t, 64 t + 64) of the batch
  std::vector<TouchedRows> tables;  ///< as Network::tables()
  double seconds = 0;               ///< that planning took
};

/// Plans batches of one data set for one rank. Used by one thread at a time.
class BatchPlanner {
 public:
  struct Order {
    std::uint64_t seed = 1;
    std::uint64_t batch_rows = 2048;
  };
  BatchPlanner(const ModelInput& input, const Order& order, int rank, int ranks);

  std::uint64_t epoch_rows() const noexcept { return input_.rows.size(); }
  /// Brings the ratings of the batch that begins at `first_position` (< epoch_rows()) of `epoch`
  /// into memory. Returns where the batches end that can be planned now. Collective.
  std::uint64_t load(std::uint64_t epoch, std::uint64_t first_position);
  /// Plans the batch that begins at `first_position` of `epoch`, reusing memory. Not collective.
  /// Requires: load() brought it into memory.
  void plan(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan);

 private:
  /// Per table: which rows are touched, as bits, and the place of a touched row in the list.
  struct TableIndex {
    std::vector<std::uint64_t> touched_bits;
    std::vector<std::uint32_t> slot_of_row;
  };
  RowOrder order_of(std::uint64_t epoch) const;
  void touch(std::size_t table, const BatchPlan& plan, TouchedRows& touched);

  ModelInput input_;
  features::ColumnSet looked_up_;  ///< columns of all rows: by these tables are looked up
  features::ColumnSet own_;        ///< the others
  Order order_;
  int rank_;
  int ranks_;
  std::vector<std::uint64_t> rows_;
  std::vector<TableIndex> index_;
};

/// One line that says how many of `ranks` have no tile in any batch, and what gives them one; empty
/// where all have work. Batches have min(batch_rows, epoch_rows) rows at most.
std::string idle_ranks_warning(int ranks, std::uint64_t batch_rows, std::uint64_t epoch_rows);

}  // namespace nnrec::train
