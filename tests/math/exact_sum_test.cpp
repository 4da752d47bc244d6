#include "nnrec/math/exact_sum.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

namespace nnrec::math {
namespace {

constexpr float kLimit = 0x1p27F;

TEST(ExactSum, EachContributionIsRoundedAsFixedPointSays) {
  const CounterRandom random(1, Purpose::synthetic, 0);
  for (const std::size_t count : {1U, 3U, 4U, 31U, 32U, 65U}) {
    // From tiny to the range where every float is a multiple of the resolution.
    for (const float scale : {1e-9F, 1e-3F, 1.0F, 1e4F, 2e6F, 1e8F}) {
      std::vector<float> values(count);
      std::vector<std::int64_t> sums(count, 7);
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = scale * (2.0F * random.uniform_float(i) - 1.0F);
      }
      ASSERT_TRUE(ExactSum::add(sums.data(), values.data(), count, kLimit));
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(sums[i], 7 + GradientFixed::from(static_cast<double>(values[i])))
            << "scale " << scale << " value " << values[i];
      }
    }
  }
}

TEST(ExactSum, AnyOrderGivesTheSameSum) {
  const CounterRandom random(2, Purpose::synthetic, 0);
  std::int64_t forward = 0;
  std::int64_t backward = 0;
  constexpr std::uint64_t kCount = 10000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const auto a =
        static_cast<float>(std::exp2(60.0 * random.uniform(i) - 35.0) * (i % 2 == 0 ? 1 : -1));
    const auto b = static_cast<float>(std::exp2(60.0 * random.uniform(kCount - 1 - i) - 35.0) *
                                      ((kCount - 1 - i) % 2 == 0 ? 1 : -1));
    if (std::abs(a) < kLimit) {
      ASSERT_TRUE(ExactSum::add(&forward, &a, 1, kLimit));
    }
    if (std::abs(b) < kLimit) {
      ASSERT_TRUE(ExactSum::add(&backward, &b, 1, kLimit));
    }
  }
  EXPECT_EQ(forward, backward);
}

TEST(ExactSum, NothingIsAddedWhenAValueIsNotFiniteOrTooLarge) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad :
       {infinity, -infinity, std::nanf(""), -std::nanf(""), 2 * kLimit, -2 * kLimit}) {
    const std::vector<float> values{1.0F, bad, 2.0F};
    std::vector<std::int64_t> sums{1, 2, 3};
    EXPECT_FALSE(ExactSum::add(sums.data(), values.data(), 3, kLimit)) << bad;
    EXPECT_EQ(sums, (std::vector<std::int64_t>{1, 2, 3}));
  }
}

TEST(ExactSum, MeanIsTheSumOverTheRows) {
  std::vector<std::int64_t> sums(2, 0);
  const std::vector<float> values{1.5F, -3.0F};
  for (int row = 0; row < 3; ++row)
    ASSERT_TRUE(ExactSum::add(sums.data(), values.data(), 2, kLimit));
  std::vector<float> mean(2);
  ExactSum::to_mean(sums.data(), 2, 1.0 / 3.0, mean.data());
  EXPECT_FLOAT_EQ(mean[0], 1.5F);
  EXPECT_FLOAT_EQ(mean[1], -3.0F);
}

}  // namespace
}  // namespace nnrec::math
