#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "halving.hpp"
#include "tuning.hpp"

namespace nnrec::app {

/// The trials that went furthest first, of these those of the lowest validation RMSE: place, trial,
/// epochs, RMSE, and what was drawn. Below it what is still to be done, and what failed.
std::string trials_table(const TuningPlan& plan, const std::vector<Rung>& rungs);

/// Some trials of the first rung that have about the same value of a place.
struct ValueGroup {
  std::string values;  ///< "0.002..0.004", or one of a list
  std::size_t trials = 0;
  double mean = 0;  ///< of their RMSE
  double best = 0;
};

/// What a place does to the error by itself.
struct PlaceEffect {
  std::size_t place = 0;
  std::vector<ValueGroup> groups;
  /// Of the variance of the RMSE of the first rung, the part that lies between the groups, and what
  /// it would be on average if the place did nothing, (groups - 1) / (trials - 1).
  double share = 0;
  double share_by_chance = 0;
};

/// Largest share first. Numbers make four groups of equally many trials, a list one a value. Of the
/// first rung, since only there all trials have trained alike; none of fewer than 4 trials.
std::vector<PlaceEffect> effects_of(const TuningPlan& plan, const Rung& first);

std::string effects_table(const TuningPlan& plan, const std::vector<PlaceEffect>& effects);

}  // namespace nnrec::app
