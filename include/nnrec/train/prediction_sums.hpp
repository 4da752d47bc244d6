#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::train {

/// For each row of an evaluated part, the sum of what sampled models predicted for it, in fixed
/// point, in memory that the ranks of a node share. Behind an added model a node has the sums of
/// the rows that its own ranks evaluate; complete() gives it those of the others.
class PredictionSums {
 public:
  /// All 0. Collective.
  PredictionSums(comm::Communicator& ranks, std::size_t rows);

  /// Models that may be added, and the predictions that then fit.
  static constexpr std::uint64_t kMostSamples = 1 << 14;
  static constexpr double kMostPrediction =
      GradientFixed::contribution_limit(PredictionSums::kMostSamples);

  /// Of rows [rows.begin, rows.end), which this rank alone evaluates. Requires: predictions below
  /// kMostPrediction in size.
  void add(Range rows, std::span<const float> predictions);
  /// Ends a model that was added: `own` are the rows of all calls of add() for it, here.
  /// Collective.
  void end_model(std::vector<Range> own) {
    own_ = std::move(own);
    is_complete_ = false;
  }
  static float mean_of(std::int64_t sum, std::uint64_t samples) {
    return static_cast<float>(GradientFixed::to_double(sum) / static_cast<double>(samples));
  }
  float mean(std::size_t row, std::uint64_t samples) const { return mean_of(sums_[row], samples); }

  /// On return each node has the sums of all rows, as it has where none was added since it had
  /// them, or since they were read: who has just resumed has no rows of its own yet. Collective.
  void complete(comm::Communicator& ranks);
  /// Of all rows, once complete.
  std::span<std::int64_t> sums() noexcept { return sums_; }
  std::span<const std::int64_t> sums() const noexcept { return sums_; }

 private:
  std::span<std::int64_t> sums_;
  std::span<std::int64_t> room_;  ///< where there are several nodes
  std::vector<Range> own_;
  bool is_complete_ = true;  ///< the same on all ranks
};

}  // namespace nnrec::train
