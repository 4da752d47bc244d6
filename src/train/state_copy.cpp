#include "nnrec/train/state_copy.hpp"

#include "nnrec/train/station.hpp"

#include "copy_share.hpp"

namespace nnrec::train {
namespace {

nn::ParameterSet room_for(comm::Communicator& ranks, const nn::ParameterSet& like) {
  return {like.layout(), node_array<float>(ranks, like.layout().buffer_size())};
}

std::size_t rows_of(const std::optional<PredictionSums>& sums) {
  return sums ? sums->sums().size() : 0;
}

}  // namespace

StateCopy::StateCopy(comm::Communicator& ranks, const math::ThreadTeam& team,
                     const TrainState& like)
    : ranks_(ranks),
      team_(team),
      state_(room_for(ranks, like.parameters), room_for(ranks, like.optimizer_state)) {
  if (like.average) state_.average = room_for(ranks, *like.average);
  if (!like.sampling) return;
  SamplingState& sampling = state_.sampling.emplace(ranks, like.parameters.layout());
  if (like.sampling->validation)
    sampling.validation.emplace(ranks, rows_of(like.sampling->validation));
  if (like.sampling->test) sampling.test.emplace(ranks, rows_of(like.sampling->test));
}

std::uint64_t StateCopy::bytes(const TrainState& like) {
  const auto floats = [](const nn::ParameterSet& set) { return set.layout().buffer_size(); };
  std::uint64_t bytes = sizeof(float) * (floats(like.parameters) + floats(like.optimizer_state));
  if (like.average) bytes += sizeof(float) * floats(*like.average);
  if (like.sampling) {
    bytes +=
        sizeof(float) * floats(like.sampling->snapshot) +
        sizeof(std::int64_t) * (rows_of(like.sampling->validation) + rows_of(like.sampling->test));
  }
  return bytes;
}

void StateCopy::take(const TrainState& state) {
  static_cast<TrainProgress&>(state_) = state;
  state_.grids = state.grids;
  copy_share(ranks_, team_, state.parameters, state_.parameters);
  copy_share(ranks_, team_, state.optimizer_state, state_.optimizer_state);
  if (state.average) copy_share(ranks_, team_, *state.average, *state_.average);
  if (state.sampling) take(*state.sampling);
  ranks_.node_barrier();
}

void StateCopy::take(const SamplingState& from) {
  SamplingState& to = *state_.sampling;
  to.numbers = from.numbers;
  to.precision = from.precision;
  to.curvature = from.curvature;
  to.kept_precision = from.kept_precision;
  copy_share(ranks_, team_, from.snapshot, to.snapshot);
  const auto copy = [&](const auto& sums, auto& copied) {
    if (sums) copy_share(ranks_, team_, sums->sums(), copied->sums());
  };
  copy(from.validation, to.validation);
  copy(from.test, to.test);
}

}  // namespace nnrec::train
