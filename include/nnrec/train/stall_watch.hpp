#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/train/phases.hpp"

namespace nnrec::train {

/// Where the ranks of a node stand, in memory that they share: each writes its own place.
class ProgressBoard {
 public:
  /// Collective over the node.
  explicit ProgressBoard(comm::Communicator& ranks);

  /// This rank's place, for PhaseClock::report_to().
  RankProgress& own() const { return places_[own_]; }
  std::span<RankProgress> places() const noexcept { return places_; }
  /// The rank in the job of the node's rank `node_rank`.
  int rank_of(std::size_t node_rank) const { return ranks_[node_rank]; }

 private:
  std::span<RankProgress> places_;
  std::span<int> ranks_;
  std::size_t own_;
};

/// What to say of ranks that do not get on: names those that have ended the fewest phases, with
/// step and the phase behind which they are; where all have ended as many, names them all and says
/// that they wait in an agreement.
std::string describe_stall(const ProgressBoard& board, std::chrono::seconds since);

/// A thread that calls `say` with describe_stall() each time that no rank of the board has ended a
/// phase for `timeout`, once until one does. It decides nothing: what hangs may still come back.
class StallWatch {
 public:
  using Say = std::function<void(const std::string& text)>;
  StallWatch(const ProgressBoard& board, std::chrono::milliseconds timeout, Say say);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

 private:
  void watch();

  const ProgressBoard& board_;
  std::chrono::milliseconds timeout_;
  Say say_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace nnrec::train
