#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/data/batch.hpp"
#include "nnrec/data/features.hpp"
#include "nnrec/data/rating_columns.hpp"
#include "nnrec/models/network.hpp"

namespace nnrec::train {

/// A half-open range.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const noexcept { return end - begin; }
};

/// The pieces of [0, count) that belong to `rank`: consecutive, sizes differ by at most one.
Range share_of(std::size_t count, int rank, int ranks);

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
  data::Batch batch;                 ///< the whole global batch
  Range tiles;                      ///< this rank's; tile t has rows [64 t, 64 t + 64) of the batch
  std::vector<TouchedRows> tables;  ///< as Network::tables()
  double seconds = 0;               ///< that planning took
};

/// Plans batches of one data set for one rank. Not collective; used by one thread at a time.
class BatchPlanner {
 public:
  struct Order {
    std::uint64_t seed = 1;
    std::uint64_t batch_rows = 2048;
  };
  /// The referenced objects outlive the planner.
  BatchPlanner(const models::Network& network, const data::Features& features,
               const data::RatingColumns& columns, const Order& order, int rank, int ranks);

  std::uint64_t epoch_rows() const noexcept { return columns_.rating.size(); }
  /// Plans the batch that begins at `first_position` (< epoch_rows()) of `epoch`, reusing memory.
  void plan(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan);

 private:
  /// Per table: which rows are touched, as bits, and the place of a touched row in the list.
  struct TableIndex {
    std::vector<std::uint64_t> touched_bits;
    std::vector<std::uint32_t> slot_of_row;
  };
  void touch(std::size_t table, const BatchPlan& plan, TouchedRows& touched);

  const models::Network& network_;
  const data::Features& features_;
  data::RatingColumns columns_;
  Order order_;
  int rank_;
  int ranks_;
  std::vector<std::uint64_t> rows_;
  std::vector<TableIndex> index_;
};

}  // namespace nnrec::train
