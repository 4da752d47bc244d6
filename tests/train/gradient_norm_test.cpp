#include "nnrec/train/gradient_norm.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::train {
namespace {

TEST(GradientNorm, IsTheLengthOverDenseBlocksAndRowsOnAnyThreads) {
  std::vector<std::int64_t> dense;
  std::vector<std::int64_t> sums;
  double squares = 0;
  const auto add = [&](double value, std::vector<std::int64_t>& to) {
    to.push_back(GradientFixed::from(value));
    const double rounded = GradientFixed::to_double(to.back());
    squares += rounded * rounded;
  };
  for (int i = 0; i < 50; ++i) add(std::sin(i), dense);
  for (int i = 0; i < 21; ++i) add(100 * std::cos(i), sums);
  const std::vector<std::uint32_t> rows{1, 5, 6, 8, 9, 11, 12};
  const SummedGradient<std::int64_t> gradient{dense, {{0, 3, rows, sums.data()}}};
  const double norm = gradient_norm(gradient, math::ThreadTeam(1));
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-10);
  for (const int threads : {2, 3, 7}) {
    EXPECT_EQ(gradient_norm(gradient, math::ThreadTeam(threads)), norm) << threads;
  }
}

TEST(GradientNorm, OfNothingIsZero) {
  EXPECT_EQ(gradient_norm({}, math::ThreadTeam(2)), 0);
}

}  // namespace
}  // namespace nnrec::train
