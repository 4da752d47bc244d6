#include "nnrec/math/exact_sum.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"
#include "nnrec/math/kernels.hpp"

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

TEST(ExactSum, RowsAddUpAsOneByOneWithAllKernels) {
  const CounterRandom random(3, Purpose::synthetic, 0);
  constexpr std::size_t kRows = 40;
  constexpr std::size_t kFirst = 1000;  // of a batch
  const std::string before = kernels_in_use();
  for (const std::string& kernels : available_kernels()) {
    use_kernels(kernels);
    for (const std::size_t cols : {1U, 3U, 4U, 8U, 31U, 32U, 37U, 64U, 129U}) {
      for (const float scale : {1e-6F, 1.0F, 2e6F, 1e7F}) {  // the last beyond the fast range
        std::vector<float> values(kRows * (cols + 2));
        for (std::size_t i = 0; i < values.size(); ++i) {
          values[i] = scale * (2.0F * random.uniform_float(i) - 1.0F);
        }
        const std::vector<std::uint32_t> rows{1003, 1000, 1039, 1003, 1017};
        std::vector<std::int64_t> expected(cols, 0);
        for (const std::uint32_t row : rows) {
          ASSERT_TRUE(
              ExactSum::add(expected.data(), &values[(row - kFirst) * (cols + 2)], cols, kLimit));
        }
        std::vector<std::int64_t> sums(cols + 1, 7);
        ASSERT_TRUE(
            ExactSum::sum_rows({values.data(), cols + 2, kFirst, rows}, cols, kLimit, sums.data()));
        EXPECT_EQ(sums.back(), 7) << "what lies behind is another's";
        sums.pop_back();
        EXPECT_EQ(sums, expected) << kernels << ' ' << cols << " columns, scale " << scale;
        ASSERT_TRUE(
            ExactSum::sum_rows({values.data(), cols + 2, kFirst, {}}, cols, kLimit, sums.data()));
        EXPECT_EQ(sums, std::vector<std::int64_t>(cols, 0)) << "no rows";
        for (const float bad :
             {std::nanf(""), -std::numeric_limits<float>::infinity(), 2 * kLimit}) {
          auto spoilt = values;
          spoilt[3 * (cols + 2) + cols - 1] = bad;
          EXPECT_FALSE(ExactSum::sum_rows({spoilt.data(), cols + 2, kFirst, rows}, cols, kLimit,
                                          sums.data()));
        }
      }
    }
  }
  use_kernels(before);
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
