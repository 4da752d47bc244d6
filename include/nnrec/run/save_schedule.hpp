#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "nnrec/base/stopwatch.hpp"

namespace nnrec::run {

/// How often a checkpoint is saved, as --checkpoint-every says it: a count and what is counted.
struct SaveInterval {
  enum class Unit { steps, epochs, seconds };
  std::uint64_t count = 1;
  Unit unit = Unit::epochs;
};

/// Reads `50steps`, `2epochs`, `90s`, `10min`, `1h`. Throws UsageError naming the text and the
/// rule.
SaveInterval parse_save_interval(const std::string& text);

/// Reads `90s`, `10min`, `1h`, or `never`, which is 0. Throws UsageError naming the text and the
/// rule.
std::chrono::seconds parse_stall_timeout(const std::string& text);

/// When the next checkpoint is due. Kept by rank 0; the others learn of it in the step's exchange.
class SaveSchedule {
 public:
  explicit SaveSchedule(const SaveInterval& interval) : interval_(interval) {}

  /// `step`, `epoch`: how many are finished.
  bool is_due_after_step(std::uint64_t step) const;
  bool is_due_after_epoch(std::uint64_t epoch) const;
  void saved() { watch_.lap(); }

 private:
  SaveInterval interval_;
  Stopwatch watch_;
};

}  // namespace nnrec::run
