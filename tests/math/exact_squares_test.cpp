#include "nnrec/math/exact_squares.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::math {
namespace {

std::vector<std::int64_t> fixed(const std::vector<double>& values) {
  std::vector<std::int64_t> sums;
  for (const double value : values) sums.push_back(GradientFixed::from(value));
  return sums;
}

TEST(ExactSquares, RootOfKnownSquares) {
  ExactSquares squares;
  EXPECT_EQ(squares.root(), 0);
  squares.add(fixed({3, -4}));
  EXPECT_EQ(squares.root(), 5);
  squares.add(fixed({0, 12}));
  EXPECT_EQ(squares.root(), 13);
}

TEST(ExactSquares, SmallAndLargeTogetherLoseNothing) {
  const double least = 1 / GradientFixed::kScale;
  ExactSquares squares;
  squares.add(fixed({least}));
  EXPECT_EQ(squares.root(), least);
  ExactSquares many;
  for (int i = 0; i < 100; ++i) many.add(fixed({1e9, least, -1e-3}));
  EXPECT_DOUBLE_EQ(many.root(), std::sqrt(100.0 * (1e18 + 1e-6)));
}

TEST(ExactSquares, AnyPartitionHasTheSameBits) {
  std::vector<std::int64_t> sums;
  for (int i = 0; i < 1000; ++i) sums.push_back(static_cast<std::int64_t>(1e15 * std::sin(i) + i));
  ExactSquares whole;
  whole.add(sums);
  for (const std::size_t share : {1U, 7U, 333U}) {
    ExactSquares total;
    for (std::size_t begin = 0; begin < sums.size(); begin += share) {
      ExactSquares part;
      part.add(std::span(sums).subspan(begin, std::min(share, sums.size() - begin)));
      total.add(part);
    }
    EXPECT_EQ(total.root(), whole.root());
  }
}

TEST(ExactSquares, BeyondTheRangeIsInfinite) {
  const std::vector<std::int64_t> largest(15, (std::int64_t{1} << 62) - 1);
  ExactSquares squares;
  squares.add(largest);
  EXPECT_NEAR(squares.root(), std::sqrt(15.0) * 0x1p32, 1e4);
  ExactSquares twice = squares;
  twice.add(squares);
  EXPECT_EQ(twice.root(), std::numeric_limits<double>::infinity());
  twice.add(ExactSquares());
  EXPECT_EQ(twice.root(), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace nnrec::math
