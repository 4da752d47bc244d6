#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/base/wide_sum.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/sampling.hpp"

namespace nnrec::train {

/// How far training is.
struct TrainProgress {
  std::uint64_t seed = 1;
  std::uint64_t epoch = 0;     ///< finished epochs
  std::uint64_t position = 0;  ///< rows of the current epoch that are trained on
  std::uint64_t step = 0;      ///< optimiser updates since the start
  /// Sum over the current epoch's rows so far, LossFixed: the train RMSE of an epoch goes on
  /// exactly.
  WideSum epoch_squared_error;
  /// The lowest validation RMSE of a finished epoch, and the step it was measured at.
  double best_rmse = std::numeric_limits<double>::infinity();
  std::uint64_t best_step = 0;
  /// That epoch, or a later one after which options or data were changed: from here on epochs
  /// without a lower RMSE are counted.
  std::uint64_t patience_epoch = 0;
};

/// All that training has reached: with the options and the data it decides every later bit.
/// Exactly what a checkpoint holds.
struct TrainState : TrainProgress {
  TrainState(nn::ParameterSet initial, nn::ParameterSet state)
      : parameters(std::move(initial)), optimizer_state(std::move(state)) {}

  nn::ParameterSet parameters;
  nn::ParameterSet optimizer_state;  ///< as UpdateRules::state_layout()
  /// As WeightAverage keeps it; first weights before the first step. Absent where the rules keep
  /// none.
  std::optional<nn::ParameterSet> average;
  std::optional<SamplingState> sampling;
  /// Of the next step's sums, by table (sum_grid.hpp); none where they have all their bits.
  std::vector<std::int64_t> grids;

  /// What is evaluated, and answers.
  const nn::ParameterSet& model() const { return average ? *average : parameters; }

  /// SHA-256 over parameters, their average, optimiser state, how far training is (the best aside)
  /// what sampling keeps (its sums of predictions aside) and the grids.
  std::string digest() const;
};

/// Of the parameters, their average and the optimiser's state.
std::size_t state_floats(const nn::ParameterLayout& layout, const nn::UpdateRules& rules);

/// Parameters as initialize() makes them, fresh optimiser state, nothing trained; in memory of its
/// own.
TrainState initial_state(const nn::ParameterLayout& layout, const nn::UpdateRules& rules,
                         const nn::FirstWeights& first);
/// The same in memory that the ranks of a node share, which fill it together. Collective.
TrainState initial_state(comm::Communicator& ranks, const nn::ParameterLayout& layout,
                         const nn::UpdateRules& rules, const nn::FirstWeights& first);

/// On return every rank has rank 0's state, whose parameters, average and optimiser state are in
/// node memory. Collective. Requires: states of initial_state(ranks, ...).
void copy_to_all(comm::Communicator& ranks, TrainState& state);

}  // namespace nnrec::train
