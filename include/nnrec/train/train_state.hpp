#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/nn/optimizer.hpp"
#include "nnrec/nn/parameters.hpp"

namespace nnrec::train {

/// All that training has reached: with the options and the data it decides every later bit.
/// Exactly what a checkpoint holds.
struct TrainState {
  nn::ParameterSet parameters;
  std::vector<nn::ParameterSet> optimizer_state;  ///< as Optimizer::slots()
  std::uint64_t seed = 1;
  std::uint64_t epoch = 0;     ///< finished epochs
  std::uint64_t position = 0;  ///< rows of the current epoch that are trained on
  std::uint64_t step = 0;      ///< optimiser updates since the start
  /// Sum over the current epoch's rows so far, LossFixed: the train RMSE of an epoch goes on
  /// exactly.
  std::int64_t epoch_squared_error = 0;
};

/// Parameters as initialize() makes them, fresh optimiser state, nothing trained.
TrainState initial_state(const nn::ParameterLayout& layout, const nn::Optimizer& optimizer,
                         std::uint64_t seed);

}  // namespace nnrec::train
