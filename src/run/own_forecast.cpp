#include "own_forecast.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "nnrec/base/wording.hpp"
#include "nnrec/run/host_memory.hpp"
#include "nnrec/run/plan_run.hpp"

namespace nnrec::run {

OwnForecast::OwnForecast(const Session& session, const models::Network& network,
                         const nn::UpdateRules& rules, const train::Trainer& trainer)
    : session_(session),
      network_(network),
      rules_(rules),
      trainer_(trainer),
      probe_(session.ranks(), session.team(), trainer),
      volume_(train::expected_volume(network, session.tally(),
                                     static_cast<std::size_t>(session.options().batch),
                                     shape_of(session).nodes)) {}

OwnForecast::Until OwnForecast::until(double seconds) const {
  const train::TrainStatistics& statistics = trainer_.statistics();
  return {seconds, static_cast<double>(statistics.exchanges),
          static_cast<double>(statistics.bytes.sent)};
}

void OwnForecast::end_epoch(double seconds) {
  if (forecast_ || trainer_.statistics().exchanges == 0) return;
  first_ = until(seconds);
  costs_ = probe_.costs(volume_);
  constexpr train::Link kUnused{1e-6, 1e9};  // by one node
  forecast_ =
      train::StepForecaster(network_, session_.tally(), costs_, session_.link().value_or(kUnused),
                            trainer_.statistics().way, session_.options().training().exchange_bits)
          .forecast(static_cast<std::size_t>(session_.options().batch), shape_of(session_));
}

ScalingForecast OwnForecast::scaling() const {
  constexpr std::array<std::size_t, 7> kNodes{1, 2, 4, 8, 16, 32, 64};
  const NamedLink network = link_of(session_);
  const train::StepForecaster forecaster(network_, session_.tally(), costs_, network.link,
                                         asked_way(session_),
                                         session_.options().training().exchange_bits);
  const auto batch = static_cast<std::size_t>(session_.options().batch);
  train::ClusterShape shape = shape_of(session_);
  const train::StepForecast alone = forecaster.forecast(batch, {1, 1, shape.threads});
  ScalingForecast scaling{network.text, {}};
  for (const std::size_t nodes : kNodes) {
    shape.nodes = nodes;
    const train::StepForecast step = forecaster.forecast(batch, shape);
    scaling.clusters.push_back(
        {nodes, shape.ranks(), step.seconds, train::efficiency(step, alone, shape), step.bytes});
  }
  return scaling;
}

std::optional<ForecastFigures> OwnForecast::figures(double seconds) const {
  const Until last = until(seconds);
  const double batches = last.batches - first_.batches;
  if (!forecast_ || batches == 0) return std::nullopt;
  return ForecastFigures{{forecast_->seconds, (last.seconds - first_.seconds) / batches},
                         {forecast_->bytes, (last.bytes - first_.bytes) / batches},
                         node_memory(),
                         session_.ranks().rank() == 0 ? scaling() : ScalingForecast()};
}

/// Of the node that takes most.
Foretold OwnForecast::node_memory() const {
  comm::Communicator& ranks = session_.ranks();
  std::vector<std::int64_t> bytes(static_cast<std::size_t>(ranks.node_count()));  // by node
  bytes[static_cast<std::size_t>(ranks.node())] =
      static_cast<std::int64_t>(own_memory().value_or(0));
  ranks.sum(bytes);
  const train::NodeLoad load = expected_load(session_, network_, shape_of(session_));
  return {train::forecast_node_bytes(network_, rules_, load),
          static_cast<double>(*std::ranges::max_element(bytes))};
}

std::string forecast_text(const ForecastFigures& figures) {
  const auto& [seconds, bytes, memory, scaling] = figures;
  std::string text = fmt::format(
      "  forecast by the first epoch: {:.2f} ms a batch; the others took {:.2f} ({:+.0f} %)",
      1e3 * seconds.forecast, 1e3 * seconds.measured,
      100 * (seconds.measured / seconds.forecast - 1));
  if (bytes.forecast > 0) {
    text += fmt::format("; sent a batch {}, in fact {}", byte_text(bytes.forecast),
                        byte_text(bytes.measured));
  }
  if (memory.measured > 0) {
    text += fmt::format(
        "\n  memory of a node: {} forecast; in use {}, programs, MPI and the copy for checkpoints "
        "included",
        byte_text(memory.forecast), byte_text(memory.measured));
  }
  return text;
}

}  // namespace nnrec::run
