#include "nnrec/train/train_state.hpp"

namespace nnrec::train {

TrainState initial_state(const nn::ParameterLayout& layout, const nn::Optimizer& optimizer,
                         std::uint64_t seed) {
  TrainState state{nn::initialize(layout, seed), optimizer.make_state(layout)};
  state.seed = seed;
  return state;
}

}  // namespace nnrec::train
