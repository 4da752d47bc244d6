#include "nnrec/nn/rate_schedule.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/settings.hpp"
#include "nnrec/nn/integer_power.hpp"
namespace nnrec::nn {
namespace {

constexpr NumberRange kEpochs{1e-6, 1e9};
constexpr NumberRange kFactors{0, 1};
/// Factors that are 0 in effect; and a bound for the conversion to an integer.
constexpr double kMostSteps = 1e6;

/// The number in front of `unit` or its singular; 0 where the text has no such unit.
double amount_of(std::string_view text, std::string_view units) {
  for (const std::string_view unit : {units, units.substr(0, units.size() - 1)}) {
    if (!text.ends_with(unit)) continue;
    return parse_number<double>(text.substr(0, text.size() - unit.size())).value_or(0);
  }
  return 0;
}

}  // namespace

WarmUp parse_warm_up(std::string_view text) {
  if (text == "none") return {};
  const WarmUp warm_up{amount_of(text, "steps"), amount_of(text, "epochs")};
  const double amount = warm_up.updates + warm_up.epochs;
  if (amount > 0 && amount <= kEpochs.high) return warm_up;
  throw UsageError("{} is not none, or a number above 0 with a unit: 500steps or 0.5epochs", text);
}

RateSchedule::RateSchedule(std::string_view shape, const WarmUp& warm_up, double epochs)
    : warm_up_(warm_up) {
  const std::vector<std::string> names{"constant", "step", "linear", "cosine"};
  const auto [name, given] = split_choice(shape);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw UsageError("{}", not_one_of(name, names));
  shape_ = static_cast<Shape>(found - names.begin());
  Settings settings(*found, given);
  if (shape_ == Shape::step) {
    epochs_ = settings.number("every", 10, kEpochs);
    factor_ = settings.number("factor", 0.1, kFactors);
  } else if (shape_ != Shape::constant) {
    epochs_ = settings.number("over", epochs, kEpochs);
    factor_ = settings.number("end", 0, kFactors);
  }
  settings.finish();
  text_ = fmt::format("{}{}{}", name, settings.text().empty() ? "" : ":", settings.text());
}

double RateSchedule::factor(const TrainingTime& before, const TrainingTime& after) const {
  // Measured after the update, so that the first one moves too.
  const double risen = warm_up_.updates > 0
                           ? static_cast<double>(after.updates) / warm_up_.updates
                           : (warm_up_.epochs > 0 ? after.epochs / warm_up_.epochs : 1);
  return std::min(1.0, risen) * shape_at(before.epochs);
}

double RateSchedule::shape_at(double epochs) const {
  const double done = epochs / epochs_;
  switch (shape_) {
    case Shape::constant:
      return 1;
    case Shape::step:
      return integer_power(factor_, static_cast<std::uint64_t>(std::min(done, kMostSteps)));
    case Shape::linear:
      return done >= 1 ? factor_ : 1 - done * (1 - factor_);
    case Shape::cosine:
      return done >= 1 ? factor_ : factor_ + (1 - factor_) * 0.5 * (1 + cosine_of_half_turns(done));
  }
  throw InternalError("unknown shape of a rate schedule");
}

double cosine_of_half_turns(double x) {
  // cos(pi x) = sin(pi (1/2 - x)), and the sine's series converges on -pi/2..pi/2: the first term
  // left out, (pi/2)^23 / 23!, is below 2e-18.
  constexpr double kPi = 3.14159265358979323846;
  constexpr int kLastPower = 21;
  const double angle = kPi * (0.5 - x);
  const double square = angle * angle;
  double sum = 1;
  for (int power = kLastPower; power > 1; power -= 2) {
    sum = 1 - square / static_cast<double>(power * (power - 1)) * sum;
  }
  return angle * sum;
}

}  // namespace nnrec::nn
