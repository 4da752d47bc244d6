#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "nnrec/base/log.hpp"

namespace nnrec::run {

/// Where training is, for living().
struct LivingState {
  std::string variant;
  std::uint64_t step = 0;         ///< since the start of training
  std::uint64_t epoch_steps = 1;  ///< steps an epoch
  std::uint64_t epochs = 1;
  std::uint64_t step_rows = 1;  ///< ratings a step
  std::optional<double> rmse;   ///< of the last epoch that was evaluated
};

/// "basic epoch 3/20 step 12/40: 1.20 M ratings/s, RMSE 0.9512, 12 s left".
std::string living_text(const LivingState& state, double steps_per_second);

/// The line that a terminal shows while an epoch is trained, some times a second.
class LivingLine {
 public:
  /// `log` outlives the object.
  explicit LivingLine(Log& log) : log_(log) {}

  void begin(std::uint64_t step);
  void show(const LivingState& state);

 private:
  using Clock = std::chrono::steady_clock;

  Log& log_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_;
  std::uint64_t first_step_ = 0;
};

}  // namespace nnrec::run
