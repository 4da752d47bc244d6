#include "nnrec/nn/ordinal.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/math/exponential.hpp"

namespace nnrec::nn {
namespace {

double of(float value) {
  return static_cast<double>(value);
}

/// e^w and, for its derivative, the same or beyond the ends 0: there the ratings of a level say no
/// more than that there are next to none.
struct Factor {
  explicit Factor(float w)
      : value(math::exponential(std::clamp(of(w), -kMost, kMost))),
        derivative(std::abs(of(w)) < kMost ? value : 0) {}
  static constexpr double kMost = 12;
  double value;
  double derivative;
};

/// A loss of -2 log P.
constexpr double kLoss = -2;

}  // namespace

Ordinal::Ordinal(std::vector<float> levels) : levels_(std::move(levels)) {
  const bool rise = std::ranges::adjacent_find(levels_, std::greater_equal<>()) == levels_.end();
  if (levels_.size() < 2 || levels_.size() > kMostLevels || !rise)
    throw InternalError("{} levels of ratings, or not rising", levels_.size());
}

Ordinal::Cuts Ordinal::cuts(std::span<const float> parameters) const {
  constexpr double kRangeSteepness = 8;  // over a range of 4, noise has a deviation of 0.9
  const std::size_t last = levels_.size() - 1;
  Cuts cuts;
  cuts.at[0] = (of(levels_[0]) + of(levels_[1])) / 2 + of(parameters[0]);
  cuts.derivative[0] = 1;
  for (std::size_t c = 1; c < last; ++c) {
    const double gap = (of(levels_[c + 1]) - of(levels_[c - 1])) / 2;
    const Factor factor(parameters[c]);
    cuts.at[c] = cuts.at[c - 1] + gap * factor.value;
    cuts.derivative[c] = gap * factor.derivative;
  }
  const Factor factor(parameters[last]);
  const double first = kRangeSteepness / (of(levels_.back()) - of(levels_.front()));
  cuts.steepness = first * factor.value;
  cuts.steepness_derivative = first * factor.derivative;
  return cuts;
}

/// above[l] = P(rating > l_{l-1}) = P(rating >= l_l), above[0] = 1, above[k + 1] = 0.
void Ordinal::above(const Cuts& cuts, double score, Above& above) const {
  above[0] = 1;
  for (std::size_t c = 0; c + 1 < levels_.size(); ++c)
    above[c + 1] = math::logistic(cuts.steepness * (score - cuts.at[c]));
  above[levels_.size()] = 0;
}

double Ordinal::expected(const Above& above) const {
  double sum = of(levels_[0]);
  for (std::size_t c = 1; c < levels_.size(); ++c)
    sum += (of(levels_[c]) - of(levels_[c - 1])) * above[c];
  return sum;
}

void Ordinal::rate(std::span<const float> parameters, std::span<float> scores,
                   std::span<float> variances) const {
  const Cuts at = cuts(parameters);
  Above above;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    this->above(at, of(scores[r]), above);
    const double mean = expected(above);
    scores[r] = static_cast<float>(mean);
    if (variances.empty()) continue;
    double variance = 0;
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      const double off = of(levels_[l]) - mean;
      variance += (above[l] - above[l + 1]) * off * off;
    }
    variances[r] = static_cast<float>(std::max(0.0, variance));
  }
}

double Ordinal::gradient(std::span<const float> parameters, std::span<const float> ratings,
                         std::span<float> scores, math::Matrix dy, float* gradient) const {
  const Cuts at = cuts(parameters);
  const std::size_t last = levels_.size() - 1;
  std::array<double, kMostLevels - 1> by_cut{};
  double by_steepness = 0;
  double squared_error = 0;
  Above above;
  for (std::size_t r = 0; r < ratings.size(); ++r) {
    const double score = of(scores[r]);
    this->above(at, score, above);
    const auto level = static_cast<std::size_t>(
        std::ranges::lower_bound(levels_.begin(), levels_.end() - 1, ratings[r]) - levels_.begin());
    // log P = log( logistic(a) - logistic(b) ), a and b from the level's lower and upper cut:
    // d/da = 1 - logistic(a) + 1 / (e^(a-b) - 1),  d/db = -logistic(b) - 1 / (e^(a-b) - 1).
    const bool is_between = level > 0 && level < last;
    const double gap =
        is_between ? 1 / (math::exponential(at.steepness * (at.at[level] - at.at[level - 1])) - 1)
                   : 0;
    const double by_lower = level == 0 ? 0 : 1 - above[level] + gap;
    const double by_upper = level == last ? 0 : -above[level + 1] - gap;
    // In their sum what may be large cancels.
    dy.row(r)[0] = static_cast<float>(kLoss * at.steepness * (1 - above[level] - above[level + 1]));
    if (level > 0) {
      by_cut[level - 1] -= by_lower;
      by_steepness += by_lower * (score - at.at[level - 1]);
    }
    if (level < last) {
      by_cut[level] -= by_upper;
      by_steepness += by_upper * (score - at.at[level]);
    }
    const double mean = expected(above);
    scores[r] = static_cast<float>(mean);
    const double error = of(scores[r]) - of(ratings[r]);
    squared_error += error * error;
  }
  double of_later = 0;  // each distance moves its cut and all behind it
  for (std::size_t c = last; c-- > 0;) {
    of_later += by_cut[c];
    gradient[c] = static_cast<float>(kLoss * at.steepness * of_later * at.derivative[c]);
  }
  gradient[last] = static_cast<float>(kLoss * by_steepness * at.steepness_derivative);
  return squared_error;
}

void Ordinal::root_of_information(std::span<const float> parameters,
                                  std::span<float> scores) const {
  const Cuts at = cuts(parameters);
  Above above;
  for (float& score : scores) {
    this->above(at, of(score), above);
    double sum = 0;
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      const double slope = 1 - above[l] - above[l + 1];
      sum += (above[l] - above[l + 1]) * slope * slope;
    }
    score = static_cast<float>(at.steepness * std::sqrt(std::max(0.0, sum)));
  }
}

std::string text_of_levels(std::span<const float> levels) {
  return fmt::format("{}", fmt::join(levels, ","));
}

std::vector<float> parse_levels(std::string_view text) {
  std::vector<float> levels;
  for (const std::string_view part : split(text, ',')) {
    const auto level = parse_number<float>(part);
    const bool rises = level && std::isfinite(*level) && (levels.empty() || levels.back() < *level);
    if (!rises) {
      levels.clear();
      break;
    }
    levels.push_back(*level);
  }
  if (levels.size() >= 2 && levels.size() <= Ordinal::kMostLevels) return levels;
  throw InputError("{} is not 2 to {} rising levels of ratings with commas between", text,
                   Ordinal::kMostLevels);
}

}  // namespace nnrec::nn
