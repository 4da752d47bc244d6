#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/rate_schedule.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/accumulated_gradient.hpp"
#include "nnrec/train/batch_plan.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/exchange.hpp"
#include "nnrec/train/gradient_norm.hpp"
#include "nnrec/train/gradient_sum.hpp"
#include "nnrec/train/parameter_update.hpp"
#include "nnrec/train/phases.hpp"
#include "nnrec/train/sampler.hpp"
#include "nnrec/train/train_state.hpp"
#include "nnrec/train/weight_average.hpp"

namespace nnrec::train {

/// What crossed between nodes, and how long planning took beside computing.
struct TrainStatistics {
  double plan_seconds = 0;      ///< of this rank, inside its compute phase
  std::uint64_t exchanges = 0;  ///< one a batch
  ExchangeWay way = ExchangeWay::reduce;
  SentBytes bytes;  ///< of this node; one node sends none
};

/// One finished epoch.
struct EpochResult {
  std::uint64_t epoch = 0;  ///< from 1
  std::uint64_t step = 0;   ///< since the start
  double rate_factor = 1;   ///< of the schedule, in its last update
  /// Accumulated while the weights changed.
  SquaredError train;
  double seconds = 0;                   ///< that this process trained on it
  std::uint64_t rows_trained = 0;       ///< by this process: fewer than the epoch's after a resume
  std::optional<SampledEpoch> sampled;  ///< where the epoch was sampled
};

/// What a rank wants once a step is done. One rank that asks is enough.
struct StepRequest {
  bool stop = false;
  bool save = false;
};
/// Asked on every rank in every step, with the number of the step that is being made (from 1).
using StepRequests = std::function<StepRequest(std::uint64_t step)>;

/// Why training paused; equal on every rank.
struct Pause {
  std::optional<EpochResult> epoch;  ///< that ended here
  bool stop = false;
  bool save = false;
};

/// Trains one model data-parallel: every rank computes the gradient of its tiles of the global
/// batch and sums its share over the tiles of its node, sums go over the nodes (Exchange), and
/// every rank updates its share of what the node keeps of the model. A step is one update, of one
/// batch or of several whose sums are added; a group of batches never goes over the end of an
/// epoch, where it may be shorter. The result has the same bits for any number of ranks and
/// threads.
class Trainer {
 public:
  struct Options {
    std::uint64_t batch_rows = 2048;  ///< of the global batch
    std::uint64_t accumulate = 1;     ///< batches a step
    /// Where the mean gradient of a step, as one vector, is longer, it is shortened to this; 0:
    /// never. Penalties and decays are no part of that gradient.
    double clip_norm = 0;
    nn::RateSchedule schedule{};
    RowPenalties penalties{};  ///< of the rules' groups, for steps of so many ratings
    OrderKind order = OrderKind::shuffle;
    std::uint64_t epochs = 0;                    ///< that are wanted in all; decides no bit
    ExchangeWay exchange = ExchangeWay::reduce;  ///< where there are several nodes
    ExchangeBits exchange_bits = ExchangeBits::all;
    /// Where given, models are sampled after a warm-up; the state has what sampling keeps.
    std::optional<SamplingOptions> sampling{};
    SamplingFacts facts{};  ///< for it

    /// Whether something needs the sums of a batch's rows; if not, a step by their means is all.
    bool keeps_row_sums(std::size_t nodes) const {
      return nodes > 1 || accumulate > 1 || clip_norm > 0 || sampling;
    }
  };
  /// Collective. The referenced objects outlive the trainer. `state`: of initial_state(ranks, ...),
  /// as the ranks of a node train one model in their shared memory.
  Trainer(comm::Communicator& ranks, const math::ThreadTeam& team, const ModelInput& input,
          const nn::UpdateRules& rules, const Options& options, TrainState state);

  /// Trains to the end of the current epoch, or of the first step in which a rank asks for
  /// something; call it again to go on. Collective. Throws AgreedError when the loss or a gradient
  /// is no longer finite.
  Pause train(const StepRequests& requests);
  /// To the end of the current epoch.
  EpochResult train_epoch();
  /// Takes the validation RMSE of this point into the state; true when it is the best so far.
  bool note_validation(double rmse);

  /// Requires: sampling. Their owner adds to them, and counts the models in their state.
  SamplingState& sampling() { return *state_.sampling; }

  /// The same on every node whenever train() has returned, but for the optimiser's state, of which
  /// a node has what it keeps until complete_state() brings it the rest.
  const TrainState& state() const noexcept { return state_; }
  bool has_whole_state() const noexcept { return has_whole_state_; }
  /// For who saves or compares it. Collective.
  void complete_state();
  std::uint64_t epoch_rows() const noexcept { return planner_.epoch_rows(); }
  const TrainStatistics& statistics() const noexcept { return statistics_; }
  /// Counts the phases of training; its owner adds what it does in between.
  PhaseClock& clock() noexcept { return clock_; }
  const PhaseClock& clock() const noexcept { return clock_; }

 private:
  std::size_t most_batch_rows() const;
  void complete(nn::ParameterSet& set);
  void end_phase(Phase phase) { clock_.end(phase, state_.step + 1); }
  void plan_first(std::uint64_t position);
  void plan_next(std::uint64_t position, std::uint64_t next_position);
  StepScalars step(const StepRequests& requests);
  StepScalars sum_batch(std::uint64_t next_position, const StepRequest& wanted);
  void update(const SummedGradient<std::int64_t>& gradient, const StepScalars& sums,
              std::uint64_t end);
  bool is_sampled() const { return sampler_ && sampler_->is_on(state_); }
  bool is_epoch_done() const { return is_given_up_ || state_.position >= planner_.epoch_rows(); }
  void probe(const BatchPlan& plan);
  void give_up_epoch();
  void move(const SummedGradient<std::int64_t>& gradient, double scale, double rows);
  double mean_scale(const SummedGradient<std::int64_t>& gradient, const StepScalars& sums);
  nn::TrainingTime time() const;
  EpochResult end_epoch();
  StepScalars exchange(const BatchPlan& plan, const StepScalars& own);
  std::int64_t finish_rows(const BatchPlan& plan);
  StepScalars node_scalars() const;
  std::span<std::int64_t> scalars_of(int node_rank) const;
  void note_grids();
  void gather_grids();
  void find_grids();
  [[noreturn]] void throw_not_finite(const StepScalars& scalars) const;

  comm::Communicator& ranks_;
  const math::ThreadTeam& team_;
  Options options_;
  ModelInput input_;
  Station station_;
  TrainState state_;
  TrainStatistics statistics_;
  PhaseClock clock_;
  BatchPlanner planner_;
  GradientSum<math::ExactSum> gradient_;
  std::unique_ptr<Exchange> exchange_;
  GradientNorm norm_;
  AccumulatedGradient accumulated_;
  ParameterUpdate<math::ExactSum> update_;
  WeightAverage average_;
  std::optional<Sampler> sampler_;
  std::size_t scalar_words_;         ///< StepScalars::kWords, and a grid a table
  std::span<std::int64_t> scalars_;  ///< of the node's ranks: (rank, scalar_words_)
  // Of sum_grid.hpp, by table; none where sums cross in all their bits:
  std::vector<std::int64_t> batch_grids_;  ///< for numbers like those of the last batch
  std::vector<std::int64_t> step_grids_;   ///< of this step's batches so far
  std::array<BatchPlan, 2> plans_;
  std::size_t current_plan_ = 0;
  bool is_planned_ = false;       ///< plans_[current_plan_] is for the next batch
  std::uint64_t loaded_end_ = 0;  ///< of the positions in memory
  double epoch_seconds_ = 0;
  std::uint64_t epoch_rows_trained_ = 0;
  double rate_factor_ = 1;
  bool has_whole_state_ = true;
  bool is_given_up_ = false;  ///< the sampled epoch: its rest is left out
};

}  // namespace nnrec::train
