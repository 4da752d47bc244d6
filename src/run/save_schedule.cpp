#include "nnrec/run/save_schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "nnrec/base/error.hpp"

namespace nnrec::run {
namespace {

struct UnitName {
  std::string_view name;
  SaveInterval::Unit unit;
  std::uint64_t factor;
};
constexpr std::array kUnits{
    UnitName{"steps", SaveInterval::Unit::steps, 1},
    UnitName{"step", SaveInterval::Unit::steps, 1},
    UnitName{"epochs", SaveInterval::Unit::epochs, 1},
    UnitName{"epoch", SaveInterval::Unit::epochs, 1},
    UnitName{"s", SaveInterval::Unit::seconds, 1},
    UnitName{"min", SaveInterval::Unit::seconds, 60},
    UnitName{"h", SaveInterval::Unit::seconds, 3600},
};
/// Far beyond any run, and far below where a factor would wrap.
constexpr std::uint64_t kMostCount = 1'000'000'000'000;
/// 30 years: a clock counts nanoseconds, and would take more for a time that is over.
constexpr std::uint64_t kMostWaitSeconds = 1'000'000'000;

}  // namespace

SaveInterval parse_save_interval(const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const UnitName& known : kUnits) {
    if (error != std::errc{} || count < 1 || count > kMostCount || unit != known.name) continue;
    return {count * known.factor, known.unit};
  }
  throw UsageError(
      "{} is not a whole number of 1 or more with a unit: 50steps, 2epochs, "
      "90s, 10min, 1h",
      text);
}

std::chrono::seconds parse_stall_timeout(const std::string& text) {
  if (text == "never") return std::chrono::seconds(0);
  try {
    const SaveInterval interval = parse_save_interval(text);
    if (interval.unit == SaveInterval::Unit::seconds) {
      return std::chrono::seconds(std::min(interval.count, kMostWaitSeconds));
    }
  } catch (const UsageError&) {  // says of steps and epochs, too
  }
  throw UsageError("{} is not never, or a whole number with a unit of time: 90s, 10min, 1h", text);
}

bool SaveSchedule::is_due_after_step(std::uint64_t step) const {
  switch (interval_.unit) {
    case SaveInterval::Unit::steps:
      return step % interval_.count == 0;
    case SaveInterval::Unit::seconds:
      return watch_.seconds() >= static_cast<double>(interval_.count);
    case SaveInterval::Unit::epochs:
      return false;
  }
  throw InternalError("unknown unit of a save interval");
}

bool SaveSchedule::is_due_after_epoch(std::uint64_t epoch) const {
  return interval_.unit == SaveInterval::Unit::epochs && epoch % interval_.count == 0;
}

}  // namespace nnrec::run
