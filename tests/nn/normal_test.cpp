#include "nnrec/nn/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace nnrec::nn {
namespace {

TEST(StandardNormal, TheLogarithmIsThatOfTheLibraryToTheLastDigit) {
  for (double x = 0x1p-53; x <= 4; x *= 1.0371) {
    const double expected = std::log(x);
    ASSERT_NEAR(natural_logarithm(x), expected, 4e-16 * std::max(1.0, std::abs(expected))) << x;
  }
  EXPECT_EQ(natural_logarithm(1), 0);
}

TEST(StandardNormal, HasTheMomentsAndTailsOfTheNormalDistribution) {
  constexpr int kCount = 200000;
  const CounterRandom random(3, Purpose::initial_weights, 5);
  std::array<double, 4> moments{};
  std::array<int, 3> beyond{};
  double neighbours = 0;
  double before = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double x = standard_normal(random, i);
    for (std::size_t power = 0; power < 4; ++power) {
      moments.at(power) += std::pow(x, power + 1) / kCount;
    }
    for (std::size_t k = 0; k < 3; ++k) beyond.at(k) += std::abs(x) > static_cast<double>(k) + 1;
    neighbours += x * before / kCount;
    before = x;
  }
  // Five standard errors each.
  EXPECT_NEAR(moments[0], 0, 5 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(moments[1], 1, 5 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(moments[2], 0, 5 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(moments[3], 3, 5 * std::sqrt(96.0 / kCount));
  EXPECT_NEAR(neighbours, 0, 5 * std::sqrt(1.0 / kCount));
  for (std::size_t k = 0; k < 3; ++k) {
    const double share = std::erfc((static_cast<double>(k) + 1) / std::sqrt(2.0));
    EXPECT_NEAR(beyond.at(k), share * kCount, 5 * std::sqrt(share * kCount)) << k + 1;
  }
}

}  // namespace
}  // namespace nnrec::nn
