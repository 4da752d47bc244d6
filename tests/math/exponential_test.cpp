#include "nnrec/math/exponential.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace nnrec::math {
namespace {

TEST(Exponential, IsThatOfTheCLibraryToTheLastBits) {
  for (double x = -690; x <= 690; x += 0.0371) {
    const double expected = std::exp(x);
    EXPECT_NEAR(exponential(x) / expected, 1, 5e-16) << x;
  }
  for (const double x : {1e-300, -1e-17, 1e-9, 0.34657359, -0.34657360, 1.0, -1.0}) {
    EXPECT_NEAR(exponential(x) / std::exp(x), 1, 5e-16) << x;
  }
  EXPECT_EQ(exponential(0), 1);
}

TEST(Exponential, StaysFiniteAndAboveZeroAndKeepsNaN) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(exponential(kInfinity), exponential(700));
  EXPECT_EQ(exponential(-kInfinity), exponential(-700));
  EXPECT_GT(exponential(-700), 0);
  EXPECT_TRUE(std::isfinite(exponential(700)));
  EXPECT_TRUE(std::isnan(exponential(std::numeric_limits<double>::quiet_NaN())));
}

// Those of the same additions and products in Python: where a compiler or processor gives others,
// ordinal runs differ.
TEST(Exponential, HasTheBitsThatWereWrittenDown) {
  EXPECT_EQ(exponential(1), 0x1.5bf0a8b14576ap+1);
  EXPECT_EQ(exponential(-1), 0x1.78b56362cef38p-2);
  EXPECT_EQ(exponential(0.1), 0x1.1aec7b35a00d4p+0);
  EXPECT_EQ(exponential(-20.5), 0x1.57a3afeed00acp-30);
  EXPECT_EQ(exponential(123.456), 0x1.1428e1cbc0143p+178);
  EXPECT_EQ(logistic(1), 0x1.764d4f5d5a2bdp-1);
  EXPECT_EQ(logistic(0), 0.5);
  EXPECT_EQ(logistic(1) + logistic(-1), 1);
}

}  // namespace
}  // namespace nnrec::math
