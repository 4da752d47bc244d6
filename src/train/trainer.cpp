#include "nnrec/train/trainer.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

/// Of the squared error of one epoch: a root mean square of 1,000 over 4 million ratings and more.
constexpr std::int64_t kEpochSumLimit = std::int64_t{1} << 62;

}  // namespace

Trainer::Trainer(comm::Communicator& ranks, const math::ThreadTeam& team, const ModelInput& input,
                 const nn::Optimizer& optimizer, const Options& options, TrainState state)
    : ranks_(ranks),
      team_(team),
      optimizer_(optimizer),
      options_(options),
      state_(std::move(state)),
      planner_(input, {state_.seed, options.batch_rows}, ranks.rank(), ranks.size()),
      gradient_(input.network, team_,
                static_cast<std::size_t>(std::min(options.batch_rows, input.rows.size())),
                ranks.size()) {}

EpochResult Trainer::train_epoch() {
  const Stopwatch watch;
  while (state_.position < planner_.epoch_rows()) train_loaded();
  EpochResult result;
  result.epoch = ++state_.epoch;
  result.step = state_.step;
  result.train = {LossFixed::to_double(state_.epoch_squared_error),
                  static_cast<std::int64_t>(planner_.epoch_rows())};
  result.seconds = watch.seconds();
  state_.position = 0;
  state_.epoch_squared_error = 0;
  return result;
}

/// The batches from the current position on that fit into memory together. The next one is planned
/// ahead only among these.
void Trainer::train_loaded() {
  Stopwatch watch;
  const std::uint64_t loaded_end = planner_.load(state_.epoch, state_.position);
  statistics_.load_seconds += watch.seconds();
  BatchPlan* current = &plans_[0];
  BatchPlan* next = &plans_[1];
  planner_.plan(state_.epoch, state_.position, *current);
  statistics_.plan_seconds += current->seconds;
  while (state_.position < loaded_end) {
    step(*current, *next, loaded_end);
    std::swap(current, next);
  }
}

void Trainer::step(BatchPlan& current, BatchPlan& next, std::uint64_t loaded_end) {
  const std::uint64_t next_position = current.first_position + current.batch.rows;
  const nn::CounterDropout dropout(state_.seed, state_.step);
  const bool has_next = next_position < loaded_end;
  const auto plan_next = [&] {
    if (has_next) planner_.plan(state_.epoch, next_position, next);
  };
  Stopwatch watch;
  const StepScalars own =
      gradient_.compute(state_.parameters, current, dropout, std::ref(plan_next));
  if (has_next) statistics_.plan_seconds += next.seconds;
  statistics_.compute_seconds += watch.lap();

  const StepScalars all = exchange(current, own);
  statistics_.exchange_seconds += watch.lap();
  // Both lie below 2^62, so their sum does not wrap before it is compared.
  const bool epoch_fits = state_.epoch_squared_error + all.squared_error < kEpochSumLimit;
  if (all.not_finite > 0 || !epoch_fits) throw_not_finite(all);
  if (all.rows != static_cast<std::int64_t>(current.batch.rows)) {
    throw InternalError("step {}: the ranks saw {} rows of a batch of {}", state_.step, all.rows,
                        current.batch.rows);
  }

  gradient_.apply(optimizer_, options_.learning_rate, current, all.rows, state_.parameters,
                  state_.optimizer_state);
  statistics_.optimizer_seconds += watch.lap();
  state_.epoch_squared_error += all.squared_error;
  state_.position = next_position;
  ++state_.step;
}

StepScalars Trainer::exchange(const BatchPlan& plan, const StepScalars& own) {
  const auto buffer = gradient_.buffer(plan);
  const auto scalars = buffer.last(kStepScalars);
  scalars[0] = own.squared_error;
  scalars[1] = own.rows;
  scalars[2] = own.not_finite;
  scalars[3] = own.stop;
  ranks_.sum(buffer);
  ++statistics_.steps;
  statistics_.exchanged_bytes += buffer.size_bytes();
  statistics_.needed_bytes += gradient_.needed_elements(plan) * sizeof(std::int64_t);
  return {scalars[0], scalars[1], scalars[2], scalars[3]};
}

void Trainer::throw_not_finite(const StepScalars& scalars) const {
  throw comm::AgreedError(
      ErrorKind::input,
      fmt::format("epoch {} step {}: the loss or a gradient is not finite or beyond the range of "
                  "exact sums ({} pieces of the batch, or the epoch's sum); use a smaller "
                  "--learning-rate",
                  state_.epoch + 1, state_.step + 1, scalars.not_finite));
}

}  // namespace nnrec::train
