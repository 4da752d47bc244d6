#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>

namespace nnrec::shards {

/// Of the values of a column. Made for pieces of it and joined in their order (Chan, Golub, LeVeque
/// 1979, "Updating formulae and a pairwise algorithm for computing sample variances").
template <typename T>
struct ColumnStatistics {
  std::uint64_t rows = 0;
  T low{};
  T high{};
  double mean = 0;
  double squares = 0;  ///< sum of those of the differences from the mean

  void add(const ColumnStatistics& other) {
    if (other.rows == 0) return;
    low = rows == 0 ? other.low : std::min(low, other.low);
    high = rows == 0 ? other.high : std::max(high, other.high);
    const auto own_rows = static_cast<double>(rows);
    const double share = static_cast<double>(other.rows) / static_cast<double>(rows + other.rows);
    const double difference = other.mean - mean;
    mean += difference * share;
    squares += other.squares + difference * difference * own_rows * share;
    rows += other.rows;
  }
};

/// Sum of value(row); in several sums, so that they are added side by side.
template <typename Value>
double sum_over(std::size_t rows, const Value& value) {
  std::array<double, 8> sums{};
  std::size_t row = 0;
  for (; row + sums.size() <= rows; row += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += value(row + lane);
  }
  for (; row < rows; ++row) sums[0] += value(row);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

/// Requires: not empty.
template <typename T>
ColumnStatistics<T> statistics_of(std::span<const T> values) {
  T low = values.front();
  T high = low;
  for (const T value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // From the lowest value on, so that the sum is small.
  const auto origin = static_cast<double>(low);
  const auto value = [&](std::size_t row) { return static_cast<double>(values[row]) - origin; };
  const double mean = sum_over(values.size(), value) / static_cast<double>(values.size());
  const double squares = sum_over(values.size(), [&](std::size_t row) {
    const double difference = value(row) - mean;
    return difference * difference;
  });
  return {values.size(), low, high, origin + mean, squares};
}

}  // namespace nnrec::shards
