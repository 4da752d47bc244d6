#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace nnrec::train {

/// What a rank spends a run on, in the order of a step.
enum class Phase : std::uint8_t {
  read,      ///< windows of ratings, where not all are in memory
  plan,      ///< batches that were not planned beside computing
  project,   ///< looked-up rows times weights, and back (nn::Form)
  compute,   ///< tiles, and beside them the plan of the next batch
  sum,       ///< this rank's pieces of the gradient, over the tiles of its node
  wait,      ///< for the slowest rank of the node, at the barriers of a step
  transfer,  ///< messages between nodes, waiting for the slowest node included
  update,    ///< this rank's pieces of the model
  evaluate,
  save,  ///< checkpoints, on rank 0; the others wait
};
inline constexpr std::size_t kPhases = 10;
inline constexpr std::array<std::string_view, kPhases> kPhaseNames{
    "read", "plan", "project", "compute", "sum", "wait", "transfer", "update", "evaluate", "save"};

/// How far a rank is, as other threads and processes may read it.
struct RankProgress {
  std::atomic<std::uint64_t> ended;  ///< phases
  std::atomic<std::uint64_t> step;   ///< of the last one
  std::atomic<std::uint64_t> phase;  ///< the last one
};

/// The seconds of a rank by phase and, where asked for, each stretch of time. One thread's.
class PhaseClock {
 public:
  /// A stretch of time, in nanoseconds of the system's clock since 1970: ranks of several hosts are
  /// laid side by side by it.
  struct Slice {
    std::int64_t begin;
    std::int64_t length;
    std::uint64_t step;  ///< being made, from 1
    Phase phase;
  };

  /// Keeps slices from now on, `most` at most; later ones are counted only.
  void keep_slices(std::size_t most) { most_slices_ = most; }
  /// From now on each end() is told to `progress`, which outlives this clock's use.
  void report_to(RankProgress& progress) { progress_ = &progress; }
  /// What comes up to the next end() is that phase's.
  void start() noexcept { last_ = now(); }
  /// Since the last start() or end() it was this phase, for step `step`.
  void end(Phase phase, std::uint64_t step);

  double seconds(Phase phase) const noexcept {
    return 1e-9 * static_cast<double>(nanoseconds_[static_cast<std::size_t>(phase)]);
  }
  const std::vector<Slice>& slices() const noexcept { return slices_; }
  std::uint64_t slices_left_out() const noexcept { return left_out_; }

 private:
  /// The system's time when the clock was made, going on by the steady clock.
  std::int64_t now() const noexcept;

  std::int64_t offset_ = system_offset();
  static std::int64_t system_offset() noexcept;
  std::int64_t last_ = now();
  std::array<std::int64_t, kPhases> nanoseconds_{};
  std::vector<Slice> slices_;
  std::size_t most_slices_ = 0;
  std::uint64_t left_out_ = 0;
  RankProgress* progress_ = nullptr;
};

}  // namespace nnrec::train
