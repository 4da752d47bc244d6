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

Pause Trainer::train(const StepRequests& requests) {
  const Stopwatch watch;
  Pause pause;
  while (state_.position < planner_.epoch_rows() && !pause.stop && !pause.save) {
    if (!is_planned_) plan_first();
    const StepScalars all = step(plans_[current_plan_], plans_[1 - current_plan_], requests);
    pause.stop = all.stop > 0;
    pause.save = all.save > 0;
    current_plan_ = 1 - current_plan_;
  }
  epoch_seconds_ += watch.seconds();
  if (state_.position >= planner_.epoch_rows()) pause.epoch = end_epoch();
  return pause;
}

/// The batch at the current position: the first, and the first of each window of a set that does
/// not fit into memory; the others are planned ahead.
void Trainer::plan_first() {
  const Stopwatch watch;
  loaded_end_ = planner_.load(state_.epoch, state_.position);
  statistics_.load_seconds += watch.seconds();
  planner_.plan(state_.epoch, state_.position, plans_[current_plan_]);
  statistics_.plan_seconds += plans_[current_plan_].seconds;
}

EpochResult Trainer::train_epoch() {
  return *train([](std::uint64_t) { return StepRequest{}; }).epoch;
}

EpochResult Trainer::end_epoch() {
  EpochResult result;
  result.epoch = ++state_.epoch;
  result.step = state_.step;
  result.train = {LossFixed::to_double(state_.epoch_squared_error),
                  static_cast<std::int64_t>(planner_.epoch_rows())};
  result.seconds = std::exchange(epoch_seconds_, 0);
  result.rows_trained = std::exchange(epoch_rows_trained_, 0);
  state_.position = 0;
  state_.epoch_squared_error = 0;
  return result;
}

bool Trainer::note_validation(double rmse) {
  if (!(rmse < state_.best_rmse)) return false;
  state_.best_rmse = rmse;
  state_.best_step = state_.step;
  return true;
}

StepScalars Trainer::step(BatchPlan& current, BatchPlan& next, const StepRequests& requests) {
  const std::uint64_t next_position = current.first_position + current.batch.rows;
  const nn::CounterDropout dropout(state_.seed, state_.step);
  const bool has_next = next_position < loaded_end_;
  const auto plan_next = [&] {
    if (has_next) planner_.plan(state_.epoch, next_position, next);
  };
  Stopwatch watch;
  StepScalars own = gradient_.compute(state_.parameters, current, dropout, std::ref(plan_next));
  if (has_next) statistics_.plan_seconds += next.seconds;
  statistics_.compute_seconds += watch.lap();

  const StepRequest wanted = requests(state_.step + 1);
  own.stop = wanted.stop ? 1 : 0;
  own.save = wanted.save ? 1 : 0;
  const StepScalars all = exchange(current, own);
  statistics_.exchange_seconds += watch.lap();
  // Both lie below 2^62, so their sum does not wrap before it is compared.
  const bool epoch_fits = state_.epoch_squared_error + all.squared_error < kEpochSumLimit;
  if (all.not_finite > 0 || !epoch_fits) throw_not_finite(all);
  if (all.rows != static_cast<std::int64_t>(current.batch.rows)) {
    throw InternalError("step {}: the ranks saw {} rows of a batch of {}", state_.step, all.rows,
                        current.batch.rows);
  }

  ++state_.step;
  gradient_.apply(optimizer_, optimizer_.rate(options_.learning_rate, state_.step), current,
                  all.rows, state_.parameters, state_.optimizer_state);
  statistics_.optimizer_seconds += watch.lap();
  state_.epoch_squared_error += all.squared_error;
  state_.position = next_position;
  is_planned_ = has_next;
  epoch_rows_trained_ += current.batch.rows;
  return all;
}

StepScalars Trainer::exchange(const BatchPlan& plan, const StepScalars& own) {
  const auto buffer = gradient_.buffer(plan);
  const auto scalars = buffer.last(kStepScalars);
  scalars[0] = own.squared_error;
  scalars[1] = own.rows;
  scalars[2] = own.not_finite;
  scalars[3] = own.stop;
  scalars[4] = own.save;
  ranks_.sum(buffer);
  ++statistics_.steps;
  statistics_.exchanged_bytes += buffer.size_bytes();
  statistics_.needed_bytes += gradient_.needed_elements(plan) * sizeof(std::int64_t);
  return {scalars[0], scalars[1], scalars[2], scalars[3], scalars[4]};
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
