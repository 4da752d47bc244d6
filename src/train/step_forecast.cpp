#include "nnrec/train/step_forecast.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/stopwatch.hpp"

namespace nnrec::train {
namespace {

/// Copying a number into or out of a message, in seconds: packed sums and values alike.
constexpr double kCopySeconds = 1.5e-9;

/// Tiles are not divided: the rank, or the thread, with one more is waited for.
double largest_share(std::size_t rows, std::size_t shares) {
  const std::size_t tiles = models::tile_count(rows);
  return static_cast<double>(std::min(rows, (tiles + shares - 1) / shares * models::kTileRows));
}

}  // namespace

StepProbe::StepProbe(comm::Communicator& ranks, const math::ThreadTeam& team,
                     const Trainer& trainer)
    : ranks_(ranks), team_(team), trainer_(trainer), before_(spent()) {}

StepProbe::Spent StepProbe::spent() const {
  const auto all_threads = [&](Phase phase) {
    return std::llround(1e9 * team_.size() * trainer_.clock().seconds(phase));
  };
  Spent spent{static_cast<double>(trainer_.state().epoch * trainer_.epoch_rows() +
                                  trainer_.state().position),
              {all_threads(Phase::compute), std::llround(1e9 * trainer_.statistics().plan_seconds),
               all_threads(Phase::sum), all_threads(Phase::update) + all_threads(Phase::project)}};
  ranks_.sum(spent.nanoseconds);
  return spent;
}

StepCosts StepProbe::costs(const BatchVolume& volume) const {
  const Spent now = spent();
  const auto seconds = [&](std::size_t phase) {
    return 1e-9 * static_cast<double>(now.nanoseconds[phase] - before_.nanoseconds[phase]);
  };
  // An epoch's last batch may be short: what it looks up and touches is taken as its share.
  const double rows = now.rows - before_.rows;
  const double batches = rows / volume.rows;
  const auto nodes = static_cast<double>(ranks_.node_count());
  const bool has_owners = trainer_.statistics().way == ExchangeWay::owner;
  const double moved =
      batches * (nodes * volume.dense + (has_owners ? 1 : nodes) * volume.touched_values);
  const double plan = seconds(1);
  return {std::max(0.0, seconds(0) - plan) / rows, plan / rows / nodes,
          seconds(2) / std::max(1.0, batches * volume.lookups), seconds(3) / moved};
}

StepCosts measure_step(comm::Communicator& ranks, const math::ThreadTeam& team, Trainer& trainer,
                       const BatchVolume& volume, double seconds) {
  const auto after_one = [](std::uint64_t) { return StepRequest{true, false}; };
  trainer.train(after_one);  // memory is touched for the first time
  const StepProbe probe(ranks, team, trainer);
  const Stopwatch watch;
  // At the end of an epoch it goes on with the next.
  for (bool goes_on = true; goes_on;) {
    goes_on =
        !trainer.train([&](std::uint64_t) {
                  return StepRequest{watch.seconds() > seconds, false};
                })
             .stop;
  }
  return probe.costs(volume);
}

double efficiency(const StepForecast& step, const StepForecast& alone,
                  const ClusterShape& cluster) {
  return alone.seconds / step.seconds / static_cast<double>(cluster.ranks());
}

StepForecast StepForecaster::forecast(std::size_t batch_rows, const ClusterShape& cluster) const {
  const BatchVolume volume = expected_volume(network_, tally_, batch_rows, cluster.nodes);
  const auto rows = static_cast<std::size_t>(volume.rows);
  const auto nodes = static_cast<double>(cluster.nodes);
  const auto node_threads = static_cast<double>(cluster.ranks_per_node * cluster.threads);
  StepForecast step;
  step.way = way_ ? *way_ : cheaper_way(volume, cluster.nodes, link_, bits_);
  ExchangeCost exchange = exchange_cost(step.way, volume, cluster.nodes, link_, bits_);
  const bool has_owners = step.way == ExchangeWay::owner && cluster.nodes > 1;
  if (has_owners) {
    // A batch's share of what the epoch's end takes.
    const ExchangeCost completion = completion_cost(network_, cluster.nodes, link_);
    const double share = std::min(1.0, volume.rows / static_cast<double>(tally_.ratings()));
    exchange.bytes += share * completion.bytes;
    exchange.seconds += share * completion.seconds;
  }
  const double moved = volume.dense + volume.touched_values / (has_owners ? nodes : 1);
  // Sums and values go out, and as many come in.
  const double copied = has_owners ? 2 * (volume.own + volume.own_values) * (nodes - 1) / nodes : 0;
  const double compute = costs_.compute * largest_share(rows, cluster.ranks() * cluster.threads) +
                         costs_.plan * volume.rows / node_threads;
  step.bytes = exchange.bytes;
  step.exchange_seconds = exchange.seconds + kCopySeconds * copied / node_threads;
  step.seconds = compute + costs_.sum * volume.lookups / nodes / node_threads +
                 costs_.update * moved / node_threads + step.exchange_seconds;
  return step;
}

std::size_t StepForecaster::batch_for_half(const ClusterShape& cluster) const {
  std::size_t half = models::kTileRows;
  for (std::size_t batch = half; batch < 2 * tally_.ratings(); batch *= 2) {
    const StepForecast step = forecast(batch, cluster);
    if (step.exchange_seconds >= 0.5 * step.seconds) half = 2 * batch;
  }
  return half < 2 * tally_.ratings() ? half : 0;
}

NodeLoad node_load(const Trainer::Options& options, const ClusterShape& shape, double rating_bytes,
                   const std::function<BatchVolume(std::size_t rows)>& volume) {
  NodeLoad load{shape, volume(options.batch_rows)};
  if (options.accumulate > 1) load.step = volume(options.batch_rows * options.accumulate);
  load.keeps_row_sums = options.keeps_row_sums(shape.nodes);
  load.rating_bytes = rating_bytes;
  return load;
}

double forecast_node_bytes(const models::Network& network, const nn::UpdateRules& rules,
                           const NodeLoad& load) {
  constexpr double kNumber = sizeof(float);
  constexpr double kSum = sizeof(std::int64_t);
  const BatchVolume& volume = load.batch;
  const ClusterShape& cluster = load.shape;
  const double model = kNumber * static_cast<double>(state_floats(network.layout(), rules));
  const auto node_rows =
      static_cast<std::size_t>(std::ceil(volume.rows / static_cast<double>(cluster.nodes)));
  const double leaves = kNumber * static_cast<double>(nn::LeafGradients::floats(
                                      network.graph(), node_rows, network.form()));
  const auto threads = static_cast<double>(cluster.ranks_per_node * cluster.threads);
  // Sums of a layer's gradients meet the weights where they are made, if no other node has a part.
  const double row_sums = volume.touched - (cluster.nodes == 1 ? volume.own_projected : 0);
  const double sums =
      (load.keeps_row_sums ? kSum : kNumber) * row_sums + kSum * volume.dense * (threads + 1);
  // Of rows that are projected: their products and their gradients.
  const double projected = network.projected_tables().empty()
                               ? 0
                               : kNumber * volume.touched + kSum * volume.touched_values;
  const double accumulated = kSum * (load.step.dense + load.step.touched_values);
  // Of every rank, by row of a table: two marks, and a slot for each 64.
  constexpr double kIndexBytes = 2.0 / 8 + kNumber / 64;
  double index = 0;
  double messages = 0;  // between owners, out and in: room for the longest
  const auto others = static_cast<double>(cluster.nodes - 1);
  for (const models::TableUse& use : network.tables()) {
    const auto table_rows = static_cast<double>(network.layout()[use.block].rows);
    index += kIndexBytes * table_rows;
    messages += 2 * kSum * static_cast<double>(std::max(use.sum_cols(), use.leaf.cols)) *
                std::min(volume.lookups, table_rows * others);
  }
  // Which rows are touched: two groups of a batch a rank, within BatchPlanner's bound; of several
  // ranks with the ratings.
  constexpr double kMostGroups = 256e6;
  const auto times =
      features::reads_times(network.columns()) ? shards::Times::kept : shards::Times::none;
  const double copied = cluster.ranks_per_node == 1
                            ? 0
                            : static_cast<double>(shards::rating_bytes(times)) * volume.rows;
  const double groups = std::min(kMostGroups, 2 * (3 * kNumber * volume.lookups + copied) *
                                                  static_cast<double>(cluster.ranks_per_node));
  return model + load.rating_bytes + leaves + sums + projected + accumulated + messages + groups +
         index * static_cast<double>(cluster.ranks_per_node);
}

}  // namespace nnrec::train
