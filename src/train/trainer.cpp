#include "nnrec/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

/// Where there is one node it keeps all rows.
ExchangeWay way_of(const comm::Communicator& ranks, ExchangeWay wanted) {
  return ranks.node_count() == 1 ? ExchangeWay::reduce : wanted;
}

/// With a grid for each table; or without.
TrainState with_grids(TrainState state, ExchangeBits bits, const models::Network& network) {
  state.grids.resize(bits == ExchangeBits::all ? 0 : network.tables().size());
  return state;
}

/// What the batches of a step add up to; nothing where it has one.
std::vector<AccumulatedGradient::TableSize> accumulated_tables(const models::Network& network,
                                                               std::uint64_t batches,
                                                               std::size_t batch_rows) {
  std::vector<AccumulatedGradient::TableSize> sizes;
  if (batches == 1) return sizes;
  for (const models::TableUse& use : network.tables()) {
    const nn::Block& block = network.layout()[use.block];
    const std::size_t touched = most_touched_rows(network, use, batch_rows);
    sizes.push_back({block.rows, block.cols, std::min<std::size_t>(block.rows, batches * touched)});
  }
  return sizes;
}

Station station_of(comm::Communicator& ranks, ExchangeWay way, std::size_t run_rows) {
  return way == ExchangeWay::owner ? Station::among_owners(ranks, run_rows) : Station::of(ranks);
}

}  // namespace

Trainer::Trainer(comm::Communicator& ranks, const math::ThreadTeam& team, const ModelInput& input,
                 const nn::UpdateRules& rules, const Options& options, TrainState state)
    : ranks_(ranks),
      team_(team),
      options_(options),
      input_(input),
      station_(station_of(ranks, way_of(ranks, options.exchange),
                          most_run_rows(input.network, most_batch_rows()))),
      state_(with_grids(std::move(state), options.exchange_bits, input.network)),
      planner_(input, {state_.seed, options.batch_rows, options.order, options.epochs}, ranks,
               station_),
      gradient_(input.network, team_,
                {most_batch_rows(), options.accumulate, state_.grids,
                 !options.keeps_row_sums(static_cast<std::size_t>(ranks.node_count()))},
                ranks, station_),
      exchange_(make_exchange(
          way_of(ranks, options.exchange),
          {ranks, team_, input_, station_, most_batch_rows(), options.exchange_bits})),
      norm_(ranks, station_, team_),
      accumulated_(options.accumulate == 1 ? 0 : input.network.layout().dense_size(),
                   accumulated_tables(input.network, options.accumulate, most_batch_rows()), ranks,
                   station_, team_),
      update_(input.network.layout(), rules, team_, options.penalties),
      average_(rules.average_decay(), team_),
      scalar_words_(StepScalars::kWords + state_.grids.size()),
      scalars_(node_array<std::int64_t>(
          ranks, static_cast<std::size_t>(ranks.node_size()) * scalar_words_)),
      batch_grids_(state_.grids.size()),
      step_grids_(state_.grids.size()) {
  statistics_.way = way_of(ranks, options.exchange);
  if (!options.sampling) return;
  if (!state_.sampling) throw InternalError("the state has nothing of sampling");
  sampler_.emplace(ranks, team, input.network, *options.sampling, options.facts, station_);
}

std::size_t Trainer::most_batch_rows() const {
  return static_cast<std::size_t>(std::min(options_.batch_rows, input_.rows.size()));
}

Pause Trainer::train(const StepRequests& requests) {
  const Stopwatch watch;
  Pause pause;
  clock_.start();
  if (is_sampled()) sampler_->begin(state_);
  while (!is_epoch_done() && !pause.stop && !pause.save) {
    const StepScalars all = step(requests);
    pause.stop = all.stop > 0;
    pause.save = all.save > 0;
  }
  complete(state_.parameters);
  if (state_.average) {
    ranks_.node_barrier();  // all of the node have added their share
    complete(*state_.average);
  }
  epoch_seconds_ += watch.seconds();
  if (is_epoch_done()) pause.epoch = end_epoch();
  return pause;
}

/// Whoever looks at it now finds all of it.
void Trainer::complete(nn::ParameterSet& set) {
  if (station_.owners.count() == 1) return;
  exchange_->complete(set);
  statistics_.bytes = exchange_->bytes();
  clock_.end(Phase::transfer, state_.step);
}

void Trainer::complete_state() {
  if (has_whole_state_) return;
  clock_.start();
  complete(state_.optimizer_state);
  has_whole_state_ = true;
}

/// The batch at this position: the first, and the first of each window of a set that does not fit
/// into memory; the others are planned ahead.
void Trainer::plan_first(std::uint64_t position) {
  loaded_end_ = planner_.load(state_.epoch, position);
  end_phase(Phase::read);
  planner_.plan(state_.epoch, position, loaded_end_, plans_[current_plan_]);
  end_phase(Phase::plan);
}

/// Beside the computing of the batch at `position`: the next one's columns and, in the first step
/// of a group of batches, which rows the next group touches.
void Trainer::plan_next(std::uint64_t position, std::uint64_t next_position) {
  const Stopwatch watch;
  BatchPlan& next = plans_[1 - current_plan_];
  planner_.plan_own(state_.epoch, next_position, next);
  if (planner_.begins_group(position)) {
    planner_.touch_group(state_.epoch, planner_.group_end(), loaded_end_, next);
  }
  next.seconds = watch.seconds();
}

EpochResult Trainer::train_epoch() {
  return *train([](std::uint64_t) { return StepRequest{}; }).epoch;
}

EpochResult Trainer::end_epoch() {
  EpochResult result;
  result.step = state_.step;
  result.rate_factor = rate_factor_;
  const std::uint64_t rows = is_given_up_ ? state_.position : planner_.epoch_rows();
  result.train = {LossFixed::to_double(state_.epoch_squared_error),
                  static_cast<std::int64_t>(rows)};
  if (is_sampled()) {
    result.sampled = sampler_->end_epoch(result.train, std::exchange(is_given_up_, false), state_);
  }
  result.epoch = ++state_.epoch;
  result.seconds = std::exchange(epoch_seconds_, 0);
  result.rows_trained = std::exchange(epoch_rows_trained_, 0);
  state_.position = 0;
  state_.epoch_squared_error = {};
  return result;
}

bool Trainer::note_validation(double rmse) {
  if (!(rmse < state_.best_rmse)) return false;
  state_.best_rmse = rmse;
  state_.best_step = state_.step;
  state_.patience_epoch = state_.epoch;
  return true;
}

/// The state changes at its end only: a save or a stop finds whole steps.
StepScalars Trainer::step(const StepRequests& requests) {
  const std::uint64_t left = planner_.epoch_rows() - state_.position;
  const std::uint64_t end =
      state_.position + std::min(left, options_.batch_rows * options_.accumulate);
  const bool is_group = end - state_.position > options_.batch_rows;
  if (is_group) accumulated_.clear();
  std::ranges::fill(step_grids_, 0);
  StepScalars sums;
  for (std::uint64_t position = state_.position; position < end;) {
    if (!is_planned_) plan_first(position);
    const BatchPlan& plan = plans_[current_plan_];
    position += plan.batch.rows;
    sums += sum_batch(position, position == end ? requests(state_.step + 1) : StepRequest{});
    if (is_group) {
      accumulated_.add(gradient_.gradient(plan));
      end_phase(Phase::sum);
      ranks_.node_barrier();  // nobody overwrites what another still adds
      end_phase(Phase::wait);
    }
    if (position == end)
      update(is_group ? accumulated_.sum() : gradient_.gradient(plan), sums, end);
    current_plan_ = 1 - current_plan_;
  }
  return sums;
}

/// Sums the planned batch over the ranks, while the one from `next_position` on is planned.
StepScalars Trainer::sum_batch(std::uint64_t next_position, const StepRequest& wanted) {
  BatchPlan& current = plans_[current_plan_];
  const nn::CounterDropout dropout(state_.seed, state_.step);
  is_planned_ = next_position < loaded_end_;
  if (station_.owners.count() > 1) {
    exchange_->fetch(current, state_.parameters);
    end_phase(Phase::transfer);
  }
  if (gradient_.is_projected()) {
    gradient_.project(state_.parameters, current);
    end_phase(Phase::project);
    ranks_.node_barrier();  // all rows that the node looks up are projected
    end_phase(Phase::wait);
  }
  if (is_sampled() && sampler_->wants_probe(state_)) probe(current);
  const std::function<void()> meanwhile = [&] {
    if (is_planned_) plan_next(current.first_position, next_position);
  };
  StepScalars own = gradient_.compute(state_.parameters, current, dropout, meanwhile);
  if (is_planned_) statistics_.plan_seconds += plans_[1 - current_plan_].seconds;
  end_phase(Phase::compute);
  own.stop = wanted.stop ? 1 : 0;
  own.save = wanted.save ? 1 : 0;
  const StepScalars all = exchange(current, own);
  std::ranges::transform(step_grids_, batch_grids_, step_grids_.begin(), std::ranges::max);
  if (is_planned_) planner_.attach(plans_[1 - current_plan_]);
  return all;
}

/// Takes the planned batch for an estimate of the curvature, before its gradient is computed.
void Trainer::probe(const BatchPlan& plan) {
  const CounterRandom signs(state_.seed, Purpose::probe_signs, state_.step);
  const StepScalars own = gradient_.compute_probe(state_.parameters, plan, signs);
  end_phase(Phase::compute);
  const StepScalars all = exchange(plan, own);
  if (all.not_finite > 0 && state_.sampling->numbers.probes == 0) throw_not_finite(all);
  if (all.not_finite == 0) {
    sampler_->take_probe(gradient_.gradient(plan), static_cast<double>(all.rows), state_);
  }
  ranks_.node_barrier();  // nobody overwrites what another still squares
  end_phase(Phase::sum);
}

/// The step that ends at position `end` of the epoch.
void Trainer::update(const SummedGradient<std::int64_t>& gradient, const StepScalars& sums,
                     std::uint64_t end) {
  if (sums.not_finite > 0 && is_sampled()) return give_up_epoch();
  if (sums.not_finite > 0) throw_not_finite(sums);
  if (sums.rows != static_cast<std::int64_t>(end - state_.position)) {
    throw InternalError("step {}: the ranks saw {} rows of {}", state_.step + 1, sums.rows,
                        end - state_.position);
  }
  const double scale = mean_scale(gradient, sums);
  const nn::TrainingTime before = time();
  ++state_.step;
  state_.position = end;
  state_.epoch_squared_error += sums.squared_error;
  std::ranges::copy(step_grids_, state_.grids.begin());
  rate_factor_ = options_.schedule.factor(before, time());
  move(gradient, scale, static_cast<double>(sums.rows));
  clock_.end(Phase::update, state_.step);
  ranks_.node_barrier();  // the model is whole again
  clock_.end(Phase::wait, state_.step);
  if (state_.average) {
    average_.add(state_.parameters, state_.step, station_, *state_.average);
    clock_.end(Phase::update, state_.step);
  }
  epoch_rows_trained_ += static_cast<std::uint64_t>(sums.rows);
}

void Trainer::move(const SummedGradient<std::int64_t>& gradient, double scale, double rows) {
  const ParameterUpdate<math::ExactSum>::Step step{scale, rate_factor_, state_.step};
  if (is_sampled()) {
    update_.sample(gradient,
                   {step, sampler_->step(state_, rows),
                    [&](std::size_t block) { return sampler_->block(state_, block); },
                    sampler_->learnt_block()},
                   state_.parameters, state_.optimizer_state, station_);
  } else {
    update_.apply(gradient, step, state_.parameters, state_.optimizer_state, station_);
    has_whole_state_ = station_.owners.count() == 1;
  }
}

/// The steps of a sampled epoch were too long: its end will undo them.
void Trainer::give_up_epoch() {
  is_given_up_ = true;
  is_planned_ = false;
  ++state_.step;
}

/// What makes the mean gradient of the sum, shortened where it is too long.
double Trainer::mean_scale(const SummedGradient<std::int64_t>& gradient, const StepScalars& sums) {
  const double scale = 1.0 / static_cast<double>(sums.rows);  // the one division
  if (options_.clip_norm <= 0) return scale;
  const double norm = norm_.of(gradient) * scale;
  if (!std::isfinite(norm)) throw_not_finite(sums);
  return norm > options_.clip_norm ? scale * (options_.clip_norm / norm) : scale;
}

nn::TrainingTime Trainer::time() const {
  return {state_.step,
          static_cast<double>(state_.epoch) +
              static_cast<double>(state_.position) / static_cast<double>(planner_.epoch_rows())};
}

StepScalars Trainer::exchange(const BatchPlan& plan, const StepScalars& own) {
  ranks_.node_barrier();  // all tiles of the node are computed
  end_phase(Phase::wait);
  StepScalars total = own;
  total.not_finite += gradient_.sum(state_.parameters, plan);
  if (gradient_.is_projected()) total.not_finite += finish_rows(plan);
  std::ranges::copy(total.words(), scalars_of(station_.node_rank).begin());
  note_grids();
  end_phase(Phase::sum);
  ranks_.node_barrier();  // all pieces of the node are summed
  end_phase(Phase::wait);
  ++statistics_.exchanges;
  const auto scalars = gradient_.scalars();
  if (station_.node_rank == 0) std::ranges::copy(node_scalars().words(), scalars.begin());
  const bool is_alone = ranks_.node_count() == 1;
  gather_grids();
  exchange_->sum(plan, gradient_,
                 gradient_.is_projected() ? Exchange::Sums::dense : Exchange::Sums::all);
  statistics_.bytes = exchange_->bytes();
  if (is_alone) return node_scalars();
  find_grids();
  end_phase(Phase::transfer);
  return StepScalars::from_words(scalars);
}

/// In factored form the rows' sums meet the weights before the dense blocks are summed. Returns
/// pieces that were not finite.
std::int64_t Trainer::finish_rows(const BatchPlan& plan) {
  end_phase(Phase::sum);
  const bool is_alone = ranks_.node_count() == 1;
  if (!is_alone) {
    ranks_.node_barrier();  // all pieces of rows are summed
    end_phase(Phase::wait);
  }
  exchange_->sum(plan, gradient_, Exchange::Sums::rows);
  if (!is_alone) end_phase(Phase::transfer);
  const std::int64_t not_finite = gradient_.unproject(state_.parameters, plan);
  end_phase(Phase::project);
  ranks_.node_barrier();  // the dense blocks can be summed
  end_phase(Phase::wait);
  gradient_.sum_dense();
  return not_finite;
}

StepScalars Trainer::node_scalars() const {
  StepScalars sum;
  for (int rank = 0; rank < station_.node_size; ++rank) {
    sum += StepScalars::from_words(scalars_of(rank).first<StepScalars::kWords>());
  }
  return sum;
}

std::span<std::int64_t> Trainer::scalars_of(int node_rank) const {
  return scalars_.subspan(static_cast<std::size_t>(node_rank) * scalar_words_, scalar_words_);
}

/// Beside this rank's scalars: the grids for what it has added.
void Trainer::note_grids() {
  const auto grids = scalars_of(station_.node_rank).subspan(StepScalars::kWords);
  for (std::size_t table = 0; table < grids.size(); ++table) {
    grids[table] = grid_shift(gradient_.largest_addend(table));
  }
}

/// The coarsest of the node's; several nodes' cross with the dense blocks.
void Trainer::gather_grids() {
  for (std::size_t table = 0; table < batch_grids_.size(); ++table) {
    batch_grids_[table] = 0;
    for (int rank = 0; rank < station_.node_size; ++rank) {
      batch_grids_[table] =
          std::max(batch_grids_[table], scalars_of(rank)[StepScalars::kWords + table]);
    }
    if (station_.node_rank == 0) write_shift(batch_grids_[table], gradient_.grid_words(table));
  }
}

void Trainer::find_grids() {
  for (std::size_t table = 0; table < batch_grids_.size(); ++table) {
    batch_grids_[table] = largest_shift(gradient_.grid_words(table));
  }
}

void Trainer::throw_not_finite(const StepScalars& scalars) const {
  throw comm::AgreedError(
      ErrorKind::input,
      fmt::format("epoch {} step {}: the loss or a gradient is not finite or beyond the range of "
                  "exact sums ({} pieces of the batch, or a sum); use a smaller "
                  "--learning-rate, or --clip-norm",
                  state_.epoch + 1, state_.step + 1, scalars.not_finite));
}

}  // namespace nnrec::train
