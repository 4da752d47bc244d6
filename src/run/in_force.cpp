#include "in_force.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace nnrec::run {
namespace {

/// Of the next step, by the optimiser.
std::string rate_text(const Session& session, const train::TrainState& state) {
  const RunOptions& options = session.options();
  const auto [before, after] = next_update(session, state);
  const nn::RateSchedule schedule = options.training().schedule;
  const double factor = schedule.factor(before, after);
  return fmt::format("learning rate {:.6g} (schedule {})", options.learning_rate * factor,
                     schedule.text());
}

/// Of sampled epochs, whose step size the state has from the first one on.
std::string step_text(const train::SamplingOptions& sampling, const train::TrainState& state) {
  const train::SamplingState::Numbers& numbers = state.sampling->numbers;
  return fmt::format("sampling steps of {:.6g}",
                     numbers.noise_precision > 0 ? numbers.step_size : sampling.step);
}

/// The first few: each has been warned of by then.
std::string changes_text(std::span<const std::string> changed) {
  if (changed.empty()) return "nothing that decides bits";
  constexpr std::size_t kShown = 4;
  const std::string shown =
      fmt::format("{}", fmt::join(changed.first(std::min(changed.size(), kShown)), "; "));
  if (changed.size() <= kShown) return shown;
  return fmt::format("{}; and {} more, as said above", shown, changed.size() - kShown);
}

}  // namespace

NextUpdate next_update(const Session& session, const train::TrainProgress& progress) {
  const auto rows = static_cast<double>(session.training_rows());
  const auto epoch = static_cast<double>(progress.epoch);
  const double epochs = epoch + static_cast<double>(progress.position) / rows;
  const double later = epochs + static_cast<double>(session.options().step_rows()) / rows;
  return {{progress.step, epochs}, {progress.step + 1, std::min(later, epoch + 1)}};
}

std::string lost_epochs_text(const Session& session) {
  const RunOptions& options = session.options();
  auto epochs = static_cast<std::uint64_t>(options.epochs);
  const auto sampling = options.training().sampling;
  if (sampling) epochs = std::min(epochs, sampling->warm_up);  // those by the optimiser
  if (epochs == 0) return {};
  constexpr std::uint64_t kRisen = std::numeric_limits<std::uint32_t>::max();  // past any warm-up
  const auto begin = static_cast<double>(epochs - 1);
  const nn::RateSchedule schedule = options.training().schedule;
  if (schedule.factor({kRisen, begin}, {kRisen + 1, begin + 1}) != 0) return {};
  return fmt::format(
      "rate-schedule {} comes to its end before epoch {}: from there on the learning rate is 0, "
      "and nothing is learnt. Give it a longer `over`, an `end` above 0, or fewer --epochs.",
      schedule.text(), epochs);
}

std::string in_force_text(const Session& session, const train::TrainState& state,
                          const StartPoint& start) {
  const auto sampling = session.options().training().sampling;
  const bool is_sampled = sampling && state.epoch >= sampling->warm_up;
  return fmt::format(
      "in force: {}, batch {}, {} ranks x {} threads; changed since it was saved: {}",
      is_sampled ? step_text(*sampling, state) : rate_text(session, state), session.options().batch,
      session.ranks().size(), session.team().size(), changes_text(start.changed));
}

}  // namespace nnrec::run
