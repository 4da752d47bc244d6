#pragma once

#include <optional>
#include <string>

#include "nnrec/models/network.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/train/step_forecast.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// What a run's first epoch, and the network between its nodes, say of its later ones, beside what
/// these then took: where the two differ, the machine was not as it was, or --plan is not to be
/// believed for it. The arguments outlive it.
class OwnForecast {
 public:
  /// Collective. Before the trainer trains.
  OwnForecast(const Session& session, const models::Network& network, const nn::UpdateRules& rules,
              const train::Trainer& trainer);

  /// After each epoch; `seconds` of training so far. Collective.
  void end_epoch(double seconds);
  /// Once two epochs have ended, in so many seconds. Collective.
  std::optional<ForecastFigures> figures(double seconds) const;

 private:
  struct Until {
    double seconds = 0;
    double batches = 0;
    double bytes = 0;  ///< that the node sent
  };
  ScalingForecast scaling() const;
  Until until(double seconds) const;
  Foretold node_memory() const;

  const Session& session_;
  const models::Network& network_;
  const nn::UpdateRules& rules_;
  const train::Trainer& trainer_;
  train::StepProbe probe_;
  train::BatchVolume volume_;
  Until first_;             ///< epoch
  train::StepCosts costs_;  ///< of the first epoch
  std::optional<train::StepForecast> forecast_;
};

std::string forecast_text(const ForecastFigures& figures);

}  // namespace nnrec::run
