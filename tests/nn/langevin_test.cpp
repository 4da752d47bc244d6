#include "nnrec/nn/langevin.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/nn/normal.hpp"

namespace nnrec::nn {
namespace {

constexpr std::size_t kPoints = 60;
constexpr std::size_t kChains = 256;
constexpr double kNoisePrecision = 2;
constexpr std::array kPrior{0.5, 4.0};

/// y = 0.7 u - 0.3 v + noise, of two correlated columns: Bayesian linear regression, whose
/// posterior is normal with precision alpha x^T x + diag(prior).
struct Regression {
  std::vector<std::array<double, 2>> x;
  std::vector<double> y;
  std::array<double, 2> mean{};
  std::array<double, 3> variance{};  ///< of the first, of the second, of both

  Regression() {
    const CounterRandom random(4, Purpose::synthetic, 0);
    double a = kPrior[0];
    double b = 0;
    double d = kPrior[1];
    std::array<double, 2> pull{};
    for (std::uint64_t i = 0; i < kPoints; ++i) {
      const double u = standard_normal(random, 3 * i);
      const double v = 0.6 * u + 0.8 * standard_normal(random, 3 * i + 1);
      const double noise = standard_normal(random, 3 * i + 2) / std::sqrt(kNoisePrecision);
      x.push_back({u, v});
      y.push_back(0.7 * u - 0.3 * v + noise);
      a += kNoisePrecision * u * u;
      b += kNoisePrecision * u * v;
      d += kNoisePrecision * v * v;
      pull[0] += kNoisePrecision * u * y.back();
      pull[1] += kNoisePrecision * v * y.back();
    }
    const double determinant = a * d - b * b;
    variance = {d / determinant, a / determinant, -b / determinant};
    mean = {variance[0] * pull[0] + variance[2] * pull[1],
            variance[2] * pull[0] + variance[1] * pull[1]};
  }

  /// Of the mean squared error over `count` points from `first` on.
  void gradient(const float* w, std::size_t first, std::size_t count, float* g) const {
    std::array<double, 2> sum{};
    for (std::size_t i = first; i < first + count; ++i) {
      const auto& [u, v] = x[i];
      const double error = u * static_cast<double>(w[0]) + v * static_cast<double>(w[1]) - y[i];
      sum[0] += 2 * error * u;
      sum[1] += 2 * error * v;
    }
    for (std::size_t c = 0; c < 2; ++c)
      g[c] = static_cast<float>(sum.at(c) / static_cast<double>(count));
  }
};

/// Many chains side by side, a row each, in steps of `batch` points in turn; of each other order.
void expect_posterior(double step_size, std::size_t batch, double tolerance) {
  const Regression data;
  std::array<double, 2> curvature{};
  for (const auto& point : data.x) {
    for (std::size_t c = 0; c < 2; ++c) curvature.at(c) += point.at(c) * point.at(c);
  }
  std::vector<float> w(2 * kChains, 0.0F);
  std::vector<float> g(2 * kChains);
  RowsToUpdate rows;
  rows.parameters = w.data();
  rows.gradient = g.data();
  rows.count = kChains;
  rows.cols = 2;
  const LangevinBlock block{3, kPrior, curvature, 1, {}};
  const CounterRandom choice(9, Purpose::synthetic, 1);
  std::array<double, 2> mean{};
  std::array<double, 3> square{};
  constexpr std::uint64_t kSteps = 3000;
  constexpr std::uint64_t kBurnIn = 300;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      const std::size_t batches = kPoints / batch;
      const std::size_t at = choice.bits(step * kChains + chain) % batches;
      data.gradient(w.data() + 2 * chain, at * batch, batch, g.data() + 2 * chain);
    }
    langevin_update(rows, block,
                    {step_size,
                     kNoisePrecision,
                     kPoints,
                     static_cast<double>(batch),
                     {1, Purpose::langevin_noise, step}});
    if (step < kBurnIn) continue;
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      const std::array off{static_cast<double>(w[2 * chain]) - data.mean[0],
                           static_cast<double>(w[2 * chain + 1]) - data.mean[1]};
      constexpr double kCount = kChains * (kSteps - kBurnIn);
      for (std::size_t c = 0; c < 2; ++c) {
        mean.at(c) += off.at(c) / kCount;
        square.at(c) += off.at(c) * off.at(c) / kCount;
      }
      square[2] += off[0] * off[1] / kCount;
    }
  }
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_NEAR(mean.at(c) / std::sqrt(data.variance.at(c)), 0, 0.03) << c;
    EXPECT_NEAR(square.at(c) / data.variance.at(c), 1, tolerance) << c;
  }
  EXPECT_NEAR(square[2] / data.variance[2], 1, 1.5 * tolerance);
}

TEST(Langevin, StepsOfAllRatingsVisitThePosteriorOfALinearRegression) {
  // Steps of size s are off by s / 8 or less of the variance.
  expect_posterior(0.1, kPoints, 0.03);
}

TEST(Langevin, TheNoiseThatBatchesBringIsTakenOut) {
  expect_posterior(0.1, kPoints / 6, 0.06);
}

TEST(Langevin, RowsThatNobodyLooksUpStayAndRowsAreSharedOutAnyhow) {
  constexpr std::size_t kRows = 700;
  constexpr std::size_t kCols = 3;
  std::vector<float> look_ups(kRows);
  for (std::size_t row = 0; row < kRows; ++row) look_ups[row] = static_cast<float>(row % 4);
  const std::array precision{2.0, 3.0, 4.0};
  const std::array curvature{0.1, 0.2, 0.3};
  const LangevinBlock block{1, precision, curvature, 1, look_ups};
  const LangevinStep step{0.2, 1, 1000, 100, {1, Purpose::langevin_noise, 7}};
  const std::vector<float> gradient(kRows * kCols, 0.01F);
  const auto moved_in_pieces_of = [&](std::size_t piece) {
    std::vector<float> w(kRows * kCols, 0.5F);
    for (std::size_t row = 0; row < kRows; row += piece) {
      RowsToUpdate rows;
      rows.parameters = w.data();
      rows.gradient = gradient.data();
      rows.first_row = row;
      rows.count = std::min(piece, kRows - row);
      rows.cols = kCols;
      langevin_update(rows, block, step);
    }
    return w;
  };
  const auto whole = moved_in_pieces_of(kRows);
  for (const std::size_t piece : {1U, 8U, 97U}) EXPECT_EQ(moved_in_pieces_of(piece), whole);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(whole[i] == 0.5F, i / kCols % 4 == 0) << i;
  }
}

}  // namespace
}  // namespace nnrec::nn
