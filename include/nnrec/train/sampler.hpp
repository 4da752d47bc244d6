#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/langevin.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/place_sums.hpp"
#include "nnrec/train/sampling.hpp"
#include "nnrec/train/station.hpp"
#include "nnrec/train/summed_gradient.hpp"
#include "nnrec/train/train_state.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// What sampling needs to know of the training part.
struct SamplingFacts {
  const TrainingTally* tally = nullptr;  ///< outlives who uses it
  double variance = 0;                   ///< of the training ratings
};

/// How an epoch of sampling ended.
struct SampledEpoch {
  bool is_undone = false;  ///< it diverged: the model is the snapshot again
  double step_size = 0;    ///< from here on
  double deviation = 0;    ///< of ratings, given the model: sqrt(1 / noise precision)
};

/// Draws models of the posterior distribution after the warm-up: a Langevin step (nn/langevin) in
/// place of an optimiser's, precisions of noise and priors drawn anew after each epoch (Gibbs
/// sampling), and a step back where the steps were too long.
///     rating ~ normal(f, 1 / alpha), or nn::Ordinal (alpha 1, of -2 log P)
///     element of column c of a table ~ normal(0, 1 / lambda_c)
///     alpha ~ Gamma(1 + N / 2, rate 1 + squared error of the epoch / 2)
///     lambda_c ~ Gamma(1 + n / 2, rate 0.02 + squares of the column / 2), n rows looked up
/// The ranks share all work; what they keep of it for themselves is a number a column. All members
/// but const ones are collective. The same bits on any number of ranks, threads and nodes.
class Sampler {
 public:
  /// The arguments outlive it.
  Sampler(comm::Communicator& ranks, const math::ThreadTeam& team, const models::Network& network,
          const SamplingOptions& options, const SamplingFacts& facts, const Station& station);

  /// Whether the epoch that is being trained is sampled.
  bool is_on(const TrainState& state) const { return state.epoch >= options_.warm_up; }
  /// Before a step of a sampled epoch: first precisions, where it is the first one ever.
  void begin(TrainState& state);
  /// A step that begins an epoch, and the first one ever, probes the curvature.
  bool wants_probe(const TrainState& state) const {
    return state.position == 0 || state.sampling->numbers.probes == 0;
  }
  /// Of the summed gradient of +- the predictions of `rows` ratings: the square of a sum of
  /// independent signs is, expected, the sum of squares. The estimate is an average that forgets a
  /// fifth at a time.
  void take_probe(const SummedGradient<std::int64_t>& gradient, double rows, TrainState& state);
  /// What the update of this step is made of.
  nn::LangevinStep step(const TrainState& state, double step_rows) const;
  nn::LangevinBlock block(const TrainState& state, std::size_t block) const;
  /// Of nn::Ordinal: its few numbers are learnt on, not drawn.
  std::optional<std::size_t> learnt_block() const { return learnt_block_; }
  /// After the last step of an epoch whose error was `train`, or whose steps were given up.
  SampledEpoch end_epoch(const SquaredError& train, bool is_given_up, TrainState& state);

 private:
  /// Rows of a block, or of the gradient of a table, that are worked on together.
  struct Piece {
    std::size_t index;
    Range rows;
  };
  template <typename Add>
  PlaceSums sum_pieces(const std::vector<Piece>& pieces, const Add& add) const;
  PlaceSums squares_of(const nn::ParameterSet& parameters) const;
  PlaceSums squares_of(const SummedGradient<std::int64_t>& gradient) const;
  template <typename Draw>
  void set_priors(const PlaceSums& squares, const Draw& draw, SamplingState& sampling) const;
  void draw(const SquaredError& train, const PlaceSums& squares, TrainState& state) const;
  void copy_share(nn::ParameterSet& from, nn::ParameterSet& to) const;
  void keep(TrainState& state) const;
  void undo(TrainState& state) const;

  comm::Communicator& ranks_;
  const math::ThreadTeam& team_;
  const nn::ParameterLayout& layout_;
  SamplingOptions options_;
  double ratings_;
  double variance_;
  Station station_;
  SamplingState::Places places_;
  std::vector<std::span<float>> look_ups_;  ///< of each block's rows, in node memory; dense: none
  std::vector<double> active_rows_;         ///< of each block
  std::optional<std::size_t> learnt_block_;
};

}  // namespace nnrec::train
