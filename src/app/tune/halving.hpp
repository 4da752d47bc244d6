#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace nnrec::app {

/// Successive halving: all trials train for the first rung's epochs, the best of them for the
/// second's, and so on. Trial 0 has nothing drawn; it goes through all rungs, whatever its error,
/// so that the others are seen beside it.
/// Source: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
/// optimization".
struct Halving {
  std::size_t trials = 1;             ///< trial 0 not counted
  std::vector<std::uint64_t> epochs;  ///< of each rung, rising
  std::size_t reduction_factor = 3;   ///< one of so many goes on, at least one
};

/// A trial in a rung; nothing: not ended, infinite: failed.
struct TrialEnd {
  std::size_t trial = 0;
  std::optional<double> rmse;

  bool has_error() const { return rmse && std::isfinite(*rmse); }
  bool has_failed() const { return rmse && !std::isfinite(*rmse); }
};

/// The trials of a rung, in order.
using Rung = std::vector<TrialEnd>;

/// The rungs that have begun, or may: the last one alone may have trials that have not ended.
/// `end_of`: (trial, rung) to its error.
std::vector<Rung> rungs_so_far(
    const Halving& halving,
    const std::function<std::optional<double>(std::size_t trial, std::size_t rung)>& end_of);

/// Most trials that each rung can have.
std::vector<std::size_t> rung_sizes(const Halving& halving);

}  // namespace nnrec::app
