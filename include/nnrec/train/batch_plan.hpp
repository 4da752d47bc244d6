#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/features/batch.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/train/node_rows.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {

/// What a model is trained or evaluated on. The referenced objects outlive who uses them.
struct ModelInput {
  const models::Network& network;
  const features::Features& features;
  NodeRows& rows;
};

/// Lookups of a table that a batch of `batch_rows` rows makes at most.
std::size_t most_lookups(const features::Features& features, const models::TableUse& use,
                         std::size_t batch_rows);

/// Rows of a table that a batch of `batch_rows` rows touches at most.
std::size_t most_touched_rows(const models::Network& network, const models::TableUse& use,
                              std::size_t batch_rows);

/// The rows of one table that the global batch looks up, as far as the node keeps them or looks
/// them up itself, and where its batch rows do so. A row's place in `rows` is its slot. In memory
/// that the node's ranks share.
struct TouchedRows {
  std::span<const std::uint32_t> rows;         ///< by owner, of each rising
  std::span<const std::uint32_t> offsets;      ///< rows.size() + 1, into batch_rows
  std::span<const std::uint32_t> batch_rows;   ///< the node's rows of the batch, by touched row
  std::size_t lookups = 0;                     ///< of the whole global batch
  std::span<const std::uint32_t> owner_begin;  ///< (owners + 1): slots by owner
  std::span<const std::uint32_t> asked_begin;  ///< (owners + 1), into asked
  /// By node: slots of the rows kept here that other nodes look up, of each rising.
  std::span<const std::uint32_t> asked;
  /// Where the table has a projection: the slot of each look-up by this rank's rows, in their order
  /// (of a bag as its values).
  std::span<const std::uint32_t> own_slots;
  /// Where the table is of a dot (TableUse::dot): the row that each of the node's batch rows looks
  /// up, in their order.
  std::span<const std::uint32_t> node_ids;

  Range slots_of(std::size_t owner) const { return {owner_begin[owner], owner_begin[owner + 1]}; }
  std::span<const std::uint32_t> asked_by(std::size_t node) const {
    return asked.subspan(asked_begin[node], asked_begin[node + 1] - asked_begin[node]);
  }
};

/// Everything about one global batch that does not depend on the parameters, made from the order
/// function and the columns in the node's memory: no message tells who touches which row.
struct BatchPlan {
  std::uint64_t epoch = 0;
  std::uint64_t first_position = 0;  ///< in the epoch's order
  features::Batch batch;             ///< columns are there for this rank's rows only
  Range own;                         ///< rows of the batch in this rank's tiles
  Range tiles;                      ///< this rank's; tile t has rows [64 t, 64 t + 64) of the batch
  Range node_tiles;                 ///< of all ranks of the node
  std::vector<TouchedRows> tables;  ///< as Network::tables()
  double seconds = 0;               ///< that planning took this rank
};

/// Plans batches of one data set. Each rank gathers the columns of its own tiles. Which rows of
/// tables a batch touches is found once a node: for a group of batches at a time, as many as the
/// node has ranks, each rank goes through one batch as a whole, and leaves what it finds in node
/// memory, with the batch's ratings: of a shuffle these come from all over the memory, each once a
/// node. There are two groups, the one in use and the next. Used by one thread at a time.
class BatchPlanner {
 public:
  struct Order {
    std::uint64_t seed = 1;
    std::uint64_t batch_rows = 2048;
    OrderKind kind = OrderKind::shuffle;
    std::uint64_t epochs = 0;  ///< that are wanted: beside the end of each the next one's start is
                               ///< read
  };
  /// Collective. The arguments outlive it.
  BatchPlanner(const ModelInput& input, const Order& order, comm::Communicator& ranks)
      : BatchPlanner(input, order, ranks, Station::of(ranks)) {}
  /// With rows shared out as the station says; memory is from `ranks`.
  BatchPlanner(const ModelInput& input, const Order& order, comm::Communicator& ranks,
               const Station& station);

  std::uint64_t epoch_rows() const noexcept { return input_.rows.size(); }
  /// Brings the ratings of the batch that begins at `first_position` (< epoch_rows()) of `epoch`
  /// into memory. Returns where the batches end that can be planned now. Collective.
  std::uint64_t load(std::uint64_t epoch, std::uint64_t first_position);

  // The batches of an epoch that are planned begin batch_rows apart, up to `end`, as load() says.

  /// All that follows, at once. Collective over the node.
  void plan(std::uint64_t epoch, std::uint64_t first_position, std::uint64_t end, BatchPlan& plan);
  /// This rank's columns, reusing memory. Requires: of the group that the batch is in, if any, all
  /// ranks are past touch_group() by a node_barrier.
  void plan_own(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan);
  /// This rank's part of the group of batches that begins at `first_position`; nothing where that
  /// is `end`. Overwrites the group before the last one. Every rank of the node calls it, and a
  /// node_barrier comes before attach(). `own`: as plan_own() last made it, of this epoch; where it
  /// has all rows of the batch that this rank goes through, they are not gathered again.
  void touch_group(std::uint64_t epoch, std::uint64_t first_position, std::uint64_t end,
                   const BatchPlan& own);
  /// Whether `first_position` begins the newest group, and where that ends.
  bool begins_group(std::uint64_t first_position) const noexcept {
    return groups_[newest_].begin == first_position;
  }
  std::uint64_t group_end() const noexcept { return groups_[newest_].end; }
  /// Gives an own plan the tables that its group found.
  void attach(BatchPlan& plan) const;

 private:
  /// Per table, by row: whether the batch looks it up, and whether the node's rows do, as bits. A
  /// row's slot is that of the first marked row of its run, of 64 rows at most, and as many further
  /// as marked rows are between: a list of slots would be most of what a rank keeps for itself.
  struct TableIndex {
    std::vector<std::uint64_t> touched_bits;
    std::vector<std::uint64_t> own_bits;    ///< where other nodes keep rows
    std::vector<std::uint32_t> first_slot;  ///< by run
    unsigned run_shift;                     ///< 2^run_shift rows
    // By row, where the table has few: how often it is looked up, and its slot.
    std::vector<std::uint32_t> counts;
    std::vector<std::uint32_t> slots;

    /// Requires: the row is marked, and list_rows() was called.
    std::uint32_t slot_of(std::size_t row) const {
      const std::size_t run = row >> run_shift;
      const std::uint64_t before = (std::uint64_t{1} << (row % 64)) - 1;
      const std::uint64_t of_run = ~std::uint64_t{0} << ((run << run_shift) % 64);
      return first_slot[run] +
             static_cast<std::uint32_t>(std::popcount(touched_bits[row / 64] & before & of_run));
    }
  };
  /// Node memory for the touched rows of one table in one batch; sizes[] says how much is used.
  struct TouchedMemory {
    enum Size : std::size_t { kRows, kNodeLookups, kLookups, kSizes };
    std::span<std::uint64_t> sizes;
    std::span<std::uint32_t> rows;
    std::span<std::uint32_t> offsets;
    std::span<std::uint32_t> batch_rows;
    std::span<std::uint32_t> owner_begin;
    std::span<std::uint32_t> asked_begin;
    std::span<std::uint32_t> asked;
    // Where the table has a projection:
    std::span<std::uint32_t> lookup_slots;  ///< by look-up of the node's rows
    std::span<std::uint32_t> row_lookups;   ///< which of these are a batch row's: its first one
    std::span<std::uint32_t> node_ids;      ///< where the table is of a dot: by the node's rows
  };
  /// The most that a batch touches of one table.
  struct MostTouched {
    std::size_t rows;
    std::size_t node_lookups;
    std::size_t asked;
    std::size_t projected_lookups;
    std::size_t projected_rows;
    std::size_t dot_rows;
  };
  /// Batches that were touched together: positions [begin, end).
  struct Group {
    std::uint64_t epoch = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    NodeRatings ratings;                ///< in the order they are visited; none: see copies_ratings
    std::vector<TouchedMemory> memory;  ///< (batch of the group, table)
  };
  std::size_t most_batch_rows() const;
  bool copies_ratings() const;
  const Group* group_of(std::uint64_t epoch, std::uint64_t position) const;
  shards::RatingView find_ratings(const Group* copied, std::uint64_t epoch, std::uint64_t first,
                                  std::span<std::uint64_t> rows);
  MostTouched most_touched(const models::TableUse& use) const;
  std::size_t bytes_of(const MostTouched& most) const;
  TouchedMemory take(const MostTouched& most, ArrayRoom& room) const;
  void reserve_groups(comm::Communicator& ranks);
  RowOrder order_of(std::uint64_t epoch);
  std::uint64_t batch_end(std::uint64_t first_position) const;
  void touch(std::size_t table, const TouchedMemory& memory);
  bool can_count(std::size_t table) const;
  void count(std::size_t table, const TouchedMemory& memory);
  void mark(std::size_t table, const TouchedMemory& memory);
  void list_rows(std::size_t table, const TouchedMemory& memory);
  void sort_lookups(std::size_t table, const TouchedMemory& memory);
  void list_asked(std::size_t table, const TouchedMemory& memory);
  void list_row_lookups(std::size_t table, const TouchedMemory& memory) const;
  void list_ids(std::size_t table, const TouchedMemory& memory) const;
  static std::span<const std::uint32_t> own_slots(const TouchedMemory& memory,
                                                  const BatchPlan& plan);

  ModelInput input_;
  features::ColumnSet looked_up_;  ///< columns by which tables are looked up
  features::ColumnSet own_;        ///< all that the network wants
  Order order_;
  comm::Communicator& ranks_;
  Station station_;
  std::vector<std::uint64_t> rows_;
  features::Batch gathered_;
  const features::Batch* whole_ = nullptr;  ///< that this rank goes through for its node
  Range node_rows_;                         ///< of it
  std::vector<TableIndex> index_;
  std::vector<std::uint64_t> asked_bits_;  ///< by own slot
  std::vector<std::uint32_t> next_slot_;   ///< by owner
  std::vector<std::uint32_t> slots_;       ///< of the node's lookups, where no tile reads them
  std::optional<std::pair<std::uint64_t, RowOrder>> block_order_;  ///< of an epoch
  std::size_t group_batches_ = 1;
  std::array<Group, 2> groups_;
  std::size_t newest_ = 0;
};

/// One line that says how many of `ranks` have no tile in any batch, and what gives them one; empty
/// where all have work. Batches have min(batch_rows, epoch_rows) rows at most.
std::string idle_ranks_warning(int ranks, std::uint64_t batch_rows, std::uint64_t epoch_rows);

}  // namespace nnrec::train
