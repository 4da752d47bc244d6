#pragma once

#include <cstdint>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {

/// The exponential moving average of parameters over steps, whose error is often below that of the
/// last ones. With w the parameters after step n, from 1:
///   average += (1 - d_n) (w - average),  d_n = min(decay, (n - 1) / (n + 9))
/// so that the first steps, which are far from where training ends, are soon forgotten.
/// Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging";
/// the rising decay as in TensorFlow's ExponentialMovingAverage.
class WeightAverage {
 public:
  /// `team` outlives it.
  WeightAverage(double decay, const math::ThreadTeam& team) : decay_(decay), team_(team) {}

  /// Adds the parameters after step `step` in dense blocks and all rows that the node keeps,
  /// touched or not. Not collective: each rank of a node adds its share, and all parameters stand.
  void add(const nn::ParameterSet& parameters, std::uint64_t step, const Station& station,
           nn::ParameterSet& average) const;

 private:
  double decay_;
  const math::ThreadTeam& team_;
};

}  // namespace nnrec::train
