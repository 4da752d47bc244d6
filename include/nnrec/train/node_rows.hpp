#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <span>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/shards/rating_columns.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/node_ratings.hpp"
#include "nnrec/train/row_order.hpp"

namespace nnrec::train {

/// As a number of rows: no limit.
inline constexpr std::uint64_t kAllRows = ~std::uint64_t{0};

/// The ratings of one part of a data set in a node's memory: all of them in file order or, under a
/// memory limit, a window of consecutive positions of the order they are visited in. Who asks by
/// position gets the same ratings either way, so that the limit decides no bit of a result.
///
/// The window that follows can be read beside the use of the present one. The two share the memory,
/// so that there are twice as many, each of which a full shuffle reads the whole part for: that
/// pays where cores have nothing else to do. Otherwise all threads read together between windows.
class NodeRows {
 public:
  /// Ratings that are in memory already, in file order; they outlive it.
  explicit NodeRows(const shards::RatingView& ratings);
  /// The ratings of `part`, at most `most_rows` (at least 1) in memory at a time: where these are
  /// all, they are read now, held with or without `times`. Either way every seal and every value is
  /// checked now. What is read is read on all threads of `team`, or beside the use of a window on
  /// `beside_threads` (0: nothing is), each with room for a block. `most_rows` and `beside_threads`
  /// are equal on all ranks. Ranks and set outlive it. Collective. Throws AgreedError on all ranks.
  NodeRows(comm::Communicator& ranks, const math::ThreadTeam& team, const shards::ShardSet& set,
           shards::Part part, std::uint64_t most_rows = kAllRows,
           shards::Times times = shards::Times::kept, int beside_threads = 0);
  /// Ends what is being read.
  ~NodeRows();
  NodeRows(const NodeRows&) = delete;
  NodeRows& operator=(const NodeRows&) = delete;

  /// Of the whole part.
  std::uint64_t size() const noexcept { return size_; }
  /// Those in memory.
  const shards::RatingView& ratings() const noexcept { return ratings_; }
  /// Of the whole part: what is read together.
  const RowBlocks& blocks() const noexcept { return row_blocks_; }

  /// Brings positions [first, first + group) of `order`, or those up to the end, into memory.
  /// Returns the end of the whole groups, counted from `first`, that are there now. Collective: the
  /// ranks of a node read side by side. Requires: first < size(), group within most_rows.
  /// Throws AgreedError on all ranks: a shard is missing, or its values have changed.
  std::uint64_t load(const RowOrder& order, std::uint64_t first, std::uint64_t group);
  /// Says that `order` will be loaded from its first position on, once what is loaded is used: its
  /// first window may be read meanwhile. `group`: as load() has it. Every rank calls it, after the
  /// load() of an order's last window and before another load(). Collective: no.
  void expect(const RowOrder& order, std::uint64_t group);
  /// Which rows of ratings() stand at the positions from `first` on, as many as `rows` has, that
  /// load() brought into memory.
  void rows_at(const RowOrder& order, std::uint64_t first,
               std::span<std::uint64_t> rows) const noexcept;
  /// Whether those that are visited one after the other lie so, too.
  bool is_in_order() const noexcept { return is_window(); }
  /// The `count` ratings from position `first` on go to the places from `place` on. Requires:
  /// load() brought them into memory.
  void copy(const RowOrder& order, std::uint64_t first, std::size_t count, const NodeRatings& to,
            std::size_t place) const;

 private:
  /// Positions [begin, end) of an order, from place `first` of room_ on; empty: none.
  struct Window {
    RowOrder order;
    Range positions;
    std::uint64_t first = 0;
    bool holds(const RowOrder& wanted, std::uint64_t begin, std::uint64_t end) const {
      return wanted == order && positions.begin <= begin && end <= positions.end;
    }
  };
  /// Whether not all rows are in memory at a time.
  bool is_window() const noexcept { return ratings_.size() < size_; }
  bool is_read_beside(std::uint64_t group) const;
  Window window_from(const RowOrder& order, std::uint64_t first, std::uint64_t group) const;
  void fill(Window window);
  void take_ahead();
  void read_beside(const RowOrder& order, std::uint64_t first, std::uint64_t group);
  void read_share(const Window& window, const math::ThreadTeam& team) const;
  void read_own(std::span<const shards::PartBlock> blocks, const math::ThreadTeam& team,
                const shards::ShardSet::UseBlock& use) const;

  shards::RatingView ratings_;
  std::uint64_t size_;
  RowBlocks row_blocks_;
  // Only of those that are read:
  comm::Communicator* ranks_ = nullptr;
  math::ThreadTeam team_{1};
  int beside_threads_ = 0;
  const shards::ShardSet* set_ = nullptr;
  std::vector<shards::PartBlock> blocks_;  ///< of the part
  NodeRatings room_;
  Window window_;
  Window ahead_;  ///< in the half of the room that window_ is not in
  std::atomic<bool> is_over_ = false;
  std::future<void> reading_;  ///< of this rank's share of ahead_; waits when it goes
};

/// Some rows of a part: which ones in file order, and their ratings.
struct RowShare {
  Range rows;
  shards::RatingView ratings;
};
/// Gives `use` this rank's rows of a part, in file order and so many at a time as are in memory:
/// whole tiles, the part's last aside. Collective. Throws as NodeRows::load does.
void visit_share(const comm::Communicator& ranks, NodeRows& part,
                 const std::function<void(const RowShare&)>& use);
/// Gives `use` the tiles of a share, on all threads.
void for_each_tile(const math::ThreadTeam& team, const RowShare& share,
                   const std::function<void(const RowShare& tile, std::size_t thread)>& use);

/// How many rows of each part a node holds at a time.
struct RowLimits {
  std::uint64_t training = kAllRows;
  std::uint64_t evaluation = kAllRows;  ///< of each part that is evaluated
  int readers = math::kMostThreads;     ///< threads of a rank that read, at most
  int beside_threads = 0;               ///< and that read beside the use of a window
};

/// What a run wants of a node's memory for ratings.
struct RatingNeeds {
  std::uint64_t limit_bytes = 0;  ///< 0: no limit
  std::uint64_t batch_rows = 0;
  shards::Times times = shards::Times::kept;
  int beside_threads = 0;  ///< that each rank has to read beside the use of windows
};

/// Shares the limit out to the training part, the validation and test parts and the room in which
/// the threads of a node's ranks unpack what they read: a block for each rank and, within a
/// sixteenth of the limit, for each of the `threads` of a rank; twice where, as there is enough,
/// two are read at a time. Evaluation goes through a part once whatever its window, so that it gets
/// an eighth where not all fits. Collective. Throws AgreedError (usage) that says the least limit
/// when one batch does not fit.
RowLimits share_memory(comm::Communicator& ranks, const shards::ShardSet& set, int threads,
                       const RatingNeeds& needs);

}  // namespace nnrec::train
