#include "nnrec/base/fixed_point.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(FixedPoint, RoundsOnceToTheNearestMultiple) {
  using Fixed = FixedPoint<2>;
  EXPECT_EQ(Fixed::from(1.0), 4);
  EXPECT_EQ(Fixed::from(0.374), 1);
  EXPECT_EQ(Fixed::from(0.125), 0);  // ties to even
  EXPECT_EQ(Fixed::from(0.375), 2);
  EXPECT_EQ(Fixed::from(-0.375), -2);
  EXPECT_EQ(Fixed::to_double(-2), -0.5);
}

TEST(FixedPoint, AsManyContributionsAsAnnouncedNeverWrap) {
  for (const std::uint64_t contributions : {1ULL, 3ULL, 2048ULL, 1ULL << 30}) {
    const double limit = GradientFixed::contribution_limit(contributions);
    const auto each = static_cast<double>(GradientFixed::from(limit));
    EXPECT_LE(each * static_cast<double>(contributions), 0x1p62 * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace nnrec
