#include "nnrec/serve/error_tally.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nnrec::serve {
namespace {

double mean(double sum, std::uint64_t rows) {
  return rows == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(rows);
}

double error_of(float prediction, float rating) {
  return static_cast<double>(prediction) - static_cast<double>(rating);
}

}  // namespace

double ErrorTally::rmse() const {
  return std::sqrt(mean(squared, rows));
}

double ErrorTally::mae() const {
  return mean(absolute, rows);
}

PredictorErrors judge(const EvaluatedRows& rows, std::span<const float> predictions,
                      const std::optional<shards::RatingScale>& scale) {
  PredictorErrors errors;
  if (scale) errors.clipped.emplace();
  const auto users = judge_groups(rows, predictions, rows.users, rows.user_indices.size());
  for (std::size_t row = 0; row < predictions.size(); ++row) {
    errors.all.add(error_of(predictions[row], rows.ratings[row]));
    if (!scale) continue;
    const double clipped = scale->clipped(static_cast<double>(predictions[row]));
    errors.clipped->add(clipped - static_cast<double>(rows.ratings[row]));
  }
  for (const ErrorTally& user : users) {
    errors.user_rmse += user.rmse();
    errors.user_mae += user.mae();
    errors.mse.sums.push_back(user.squared);
    errors.mse.weights.push_back(static_cast<double>(user.rows));
  }
  errors.user_rmse = mean(errors.user_rmse, users.size());
  errors.user_mae = mean(errors.user_mae, users.size());
  return errors;
}

std::vector<ErrorTally> judge_groups(const EvaluatedRows& rows, std::span<const float> predictions,
                                     std::span<const std::uint32_t> groups, std::size_t count) {
  std::vector<ErrorTally> tallies(count);
  for (std::size_t row = 0; row < predictions.size(); ++row)
    tallies[groups[row]].add(error_of(predictions[row], rows.ratings[row]));
  return tallies;
}

std::vector<std::uint32_t> deciles(std::span<const std::uint64_t> values) {
  std::vector<std::uint64_t> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  std::vector<std::uint32_t> groups;
  for (const std::uint64_t value : values) {
    const auto below = std::ranges::lower_bound(sorted, value) - sorted.begin();
    groups.push_back(
        static_cast<std::uint32_t>(static_cast<std::size_t>(below) * kDeciles / sorted.size()));
  }
  return groups;
}

}  // namespace nnrec::serve
