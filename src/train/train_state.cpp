#include "nnrec/train/train_state.hpp"

#include <type_traits>

#include <fmt/format.h>

#include "nnrec/base/sha256.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {
std::string TrainState::digest() const {
  Sha256 hash;
  hash.update(fmt::format("{} {} {} {} {}\n", seed, epoch, position, step,
                          fmt::join(epoch_squared_error.words(), " ")));
  hash.update(parameters.digest());
  hash.update(optimizer_state.digest());
  if (average) hash.update(average->digest());
  if (sampling) hash.update(sampling->digest());
  if (!grids.empty()) hash.update(fmt::format("grids {}\n", fmt::join(grids, " ")));
  return hash.hex_digest();
}

std::size_t state_floats(const nn::ParameterLayout& layout, const nn::UpdateRules& rules) {
  const std::size_t sets = rules.average_decay() > 0 ? 2 : 1;
  return sets * layout.buffer_size() + rules.state_layout().buffer_size();
}

TrainState initial_state(const nn::ParameterLayout& layout, const nn::UpdateRules& rules,
                         const nn::FirstWeights& first) {
  TrainState state(nn::initialize(layout, first), rules.initial_state());
  state.seed = first.seed();
  if (rules.average_decay() > 0) state.average = state.parameters;
  return state;
}

TrainState initial_state(comm::Communicator& ranks, const nn::ParameterLayout& layout,
                         const nn::UpdateRules& rules, const nn::FirstWeights& first) {
  const auto shared = [&](const nn::ParameterLayout& of) {
    return nn::ParameterSet(of, node_array<float>(ranks, of.buffer_size()));
  };
  TrainState state(shared(layout), shared(rules.state_layout()));
  nn::initialize(state.parameters, first, ranks.node_rank(), ranks.node_size());
  rules.initialize(state.optimizer_state, ranks.node_rank(), ranks.node_size());
  if (rules.average_decay() > 0) {
    state.average = shared(layout);
    nn::initialize(*state.average, first, ranks.node_rank(), ranks.node_size());
  }
  ranks.node_barrier();
  state.seed = first.seed();
  return state;
}

namespace {

void copy_to_all(comm::Communicator& ranks, SamplingState& sampling) {
  ranks.broadcast(std::as_writable_bytes(std::span(&sampling.numbers, 1)), 0);
  for (auto* values : {&sampling.precision, &sampling.curvature, &sampling.kept_precision}) {
    ranks.broadcast(std::as_writable_bytes(std::span(*values)), 0);
  }
  ranks.copy_to_nodes(std::as_writable_bytes(sampling.snapshot.buffer()));
  for (auto* sums : {&sampling.validation, &sampling.test}) {
    if (*sums) ranks.copy_to_nodes(std::as_writable_bytes((*sums)->sums()));
  }
}

}  // namespace

void copy_to_all(comm::Communicator& ranks, TrainState& state) {
  // As an object of its own: behind it as a base, what pads it belongs to the state's members.
  TrainProgress progress = state;
  static_assert(std::is_trivially_copyable_v<TrainProgress>);
  ranks.broadcast(std::as_writable_bytes(std::span(&progress, 1)), 0);
  static_cast<TrainProgress&>(state) = progress;
  ranks.node_barrier();
  ranks.copy_to_nodes(std::as_writable_bytes(state.parameters.buffer()));
  ranks.copy_to_nodes(std::as_writable_bytes(state.optimizer_state.buffer()));
  if (state.average) ranks.copy_to_nodes(std::as_writable_bytes(state.average->buffer()));
  if (state.sampling) copy_to_all(ranks, *state.sampling);
  std::uint64_t grids = state.grids.size();
  ranks.broadcast(std::as_writable_bytes(std::span(&grids, 1)), 0);
  state.grids.resize(grids);
  ranks.broadcast(std::as_writable_bytes(std::span(state.grids)), 0);
}

}  // namespace nnrec::train
