#include "living_line.hpp"

#include <algorithm>
#include <cmath>

namespace nnrec::run {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 2 * 3600) return fmt::format("{} min", (whole + 59) / 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace

std::string living_text(const LivingState& state, double steps_per_second) {
  const std::uint64_t all = state.epoch_steps * state.epochs;
  const std::uint64_t left = all > state.step ? all - state.step : 0;
  std::string text = fmt::format("{} epoch {}/{} step {}/{}: {:.2f} M ratings/s", state.variant,
                                 std::min(state.step / state.epoch_steps + 1, state.epochs),
                                 state.epochs, state.step % state.epoch_steps, state.epoch_steps,
                                 steps_per_second * static_cast<double>(state.step_rows) / 1e6);
  if (state.rmse) text += fmt::format(", RMSE {:.4f}", *state.rmse);
  if (steps_per_second > 0)
    text += fmt::format(", {} left", duration(static_cast<double>(left) / steps_per_second));
  return text;
}

void LivingLine::begin(std::uint64_t step) {
  begin_ = Clock::now();
  shown_ = begin_;
  first_step_ = step;
}

void LivingLine::show(const LivingState& state) {
  if (!log_.is_living()) return;
  const auto now = Clock::now();
  if (now - shown_ < std::chrono::milliseconds(200)) return;
  shown_ = now;
  const std::chrono::duration<double> seconds = now - begin_;
  log_.living(living_text(state, static_cast<double>(state.step - first_step_) / seconds.count()));
}

}  // namespace nnrec::run
