#include "nnrec/nn/gamma.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace nnrec::nn {
namespace {

TEST(GammaDraw, HasTheMomentsOfItsDistribution) {
  constexpr std::uint64_t kCount = 40000;
  for (const double shape : {1.0, 1.5, 12.0, 40001.0}) {
    const CounterRandom random(7, Purpose::precision_draws, 2);
    double mean = 0;
    double variance = 0;
    double third = 0;
    for (std::uint64_t i = 0; i < kCount; ++i) {
      const double off = (gamma_draw(random, i, shape) - shape) / std::sqrt(shape);
      mean += off / kCount;
      variance += off * off / kCount;
      third += off * off * off / kCount;
    }
    const double n = kCount;
    EXPECT_NEAR(mean, 0, 5 / std::sqrt(n)) << shape;
    // Kurtosis 3 + 6 / shape; the third moment is 2 / sqrt(shape).
    EXPECT_NEAR(variance, 1, 5 * std::sqrt((2 + 6 / shape) / n)) << shape;
    EXPECT_NEAR(third, 2 / std::sqrt(shape), 5 * std::sqrt(15 * (1 + 16 / shape) / n)) << shape;
  }
}

TEST(GammaDraw, OfShapeOneIsExponential) {
  constexpr std::uint64_t kCount = 40000;
  const CounterRandom random(7, Purpose::precision_draws, 3);
  std::array<double, 4> above{};
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double x = gamma_draw(random, i, 1);
    for (std::size_t k = 0; k < above.size(); ++k) above.at(k) += x > static_cast<double>(k + 1);
  }
  for (std::size_t k = 0; k < above.size(); ++k) {
    const double share = std::exp(-static_cast<double>(k + 1));
    EXPECT_NEAR(above.at(k), share * kCount, 5 * std::sqrt(share * kCount)) << k;
  }
}

}  // namespace
}  // namespace nnrec::nn
