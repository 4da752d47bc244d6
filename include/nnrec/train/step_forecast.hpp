#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "nnrec/models/network.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/exchange_cost.hpp"
#include "nnrec/train/trainer.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// What a step costs on one core of this machine, in seconds.
struct StepCosts {
  double compute = 0;  ///< a rating: its part of a tile, forward and backward
  double plan = 0;     ///< a rating of the global batch, once a node
  double sum = 0;      ///< a look-up of a table's row
  double update = 0;   ///< a number that is moved
};
/// What the steps of a trainer cost since the probe was made, which the trainer outlives.
class StepProbe {
 public:
  /// Collective.
  StepProbe(comm::Communicator& ranks, const math::ThreadTeam& team, const Trainer& trainer);
  /// Requires a batch at least since then. `volume`: of a batch on these nodes. Collective; the
  /// same on every rank.
  StepCosts costs(const BatchVolume& volume) const;

 private:
  /// Ratings that were trained on, and seconds of all threads of all ranks, so far.
  struct Spent {
    double rows;
    std::array<std::int64_t, 4> nanoseconds;  ///< compute, plan, sum, update and projecting
  };
  Spent spent() const;

  comm::Communicator& ranks_;
  const math::ThreadTeam& team_;
  const Trainer& trainer_;
  Spent before_;
};

/// By training a model that is thrown away, of the trainer's network, for about `seconds` after a
/// first step. Collective; the same on every rank.
StepCosts measure_step(comm::Communicator& ranks, const math::ThreadTeam& team, Trainer& trainer,
                       const BatchVolume& volume, double seconds);

/// Nodes that are alike, with a core for each thread.
struct ClusterShape {
  std::size_t nodes = 1;
  std::size_t ranks_per_node = 1;
  std::size_t threads = 1;  ///< a rank
  std::size_t ranks() const { return nodes * ranks_per_node; }
};

/// Of one batch and the update behind it.
struct StepForecast {
  double seconds = 0;
  double exchange_seconds = 0;  ///< of it
  double bytes = 0;             ///< that a node sends
  ExchangeWay way = ExchangeWay::reduce;
};

/// How much of the work of all ranks of a cluster moves training on, 0..1: `alone` is the same
/// batch's step on one rank with as many threads as each of these has.
double efficiency(const StepForecast& step, const StepForecast& alone, const ClusterShape& cluster);

/// Forecasts steps of one network on other clusters, from what they cost here and what carries the
/// messages there. Not collective.
class StepForecaster {
 public:
  /// `way`: nothing where the cheaper one is taken. The arguments outlive it.
  StepForecaster(const models::Network& network, const TrainingTally& tally, const StepCosts& costs,
                 const Link& link, std::optional<ExchangeWay> way = {},
                 ExchangeBits bits = ExchangeBits::all)
      : network_(network), tally_(tally), costs_(costs), link_(link), way_(way), bits_(bits) {}

  /// Looks at every row of the tables.
  StepForecast forecast(std::size_t batch_rows, const ClusterShape& cluster) const;
  /// The least power of two from which on messages take less than half of the step; 0: none up to
  /// all training ratings.
  std::size_t batch_for_half(const ClusterShape& cluster) const;

 private:
  const models::Network& network_;
  const TrainingTally& tally_;
  StepCosts costs_;
  Link link_;
  std::optional<ExchangeWay> way_;
  ExchangeBits bits_;
};

/// What a node holds while it trains.
struct NodeLoad {
  ClusterShape shape{};
  BatchVolume batch{};
  BatchVolume step{};          ///< of its batches together, where it has several
  bool keeps_row_sums = true;  ///< Trainer::Options::keeps_row_sums
  double rating_bytes = 0;
};
/// `volume`: of a batch of so many rows, on this cluster's nodes.
NodeLoad node_load(const Trainer::Options& options, const ClusterShape& shape, double rating_bytes,
                   const std::function<BatchVolume(std::size_t rows)>& volume);

/// Bytes of a node's memory that training takes: the model with its state, the ratings, and what a
/// step needs.
double forecast_node_bytes(const models::Network& network, const nn::UpdateRules& rules,
                           const NodeLoad& load);

}  // namespace nnrec::train
