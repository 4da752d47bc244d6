#include "nnrec/train/train_state.hpp"

#include <type_traits>

#include <fmt/format.h>

#include "nnrec/base/sha256.hpp"

namespace nnrec::train {
namespace {

void broadcast(comm::Communicator& ranks, nn::ParameterSet& set, int root) {
  for (std::size_t block = 0; block < set.layout().blocks().size(); ++block) {
    ranks.broadcast(std::as_writable_bytes(set.values(block)), root);
  }
}

}  // namespace

std::string TrainState::digest() const {
  Sha256 hash;
  hash.update(fmt::format("{} {} {} {} {}\n", seed, epoch, position, step,
                          fmt::join(epoch_squared_error.words(), " ")));
  hash.update(parameters.digest());
  hash.update(optimizer_state.digest());
  return hash.hex_digest();
}

TrainState initial_state(const nn::ParameterLayout& layout, const nn::UpdateRules& rules,
                         std::uint64_t seed) {
  TrainState state(nn::initialize(layout, seed), rules.initial_state());
  state.seed = seed;
  return state;
}

void broadcast(comm::Communicator& ranks, TrainState& state, int root) {
  TrainProgress& progress = state;
  static_assert(std::is_trivially_copyable_v<TrainProgress>);
  ranks.broadcast(std::as_writable_bytes(std::span(&progress, 1)), root);
  broadcast(ranks, state.parameters, root);
  broadcast(ranks, state.optimizer_state, root);
}

}  // namespace nnrec::train
