#include "nnrec/math/exact_sum.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
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

/// Three groups of batch rows, one of them empty, over values of padded rows; with factors each row
/// is a product with a row here or there.
struct Groups {
  static constexpr std::size_t kRows = 40;
  static constexpr std::size_t kFirst = 1000;  // of a batch

  Groups(std::size_t columns, float scale) : cols(columns), stride(columns + 2) {
    const CounterRandom random(3, Purpose::synthetic, 0);
    values.resize(kRows * stride);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = scale * (2.0F * random.uniform_float(i) - 1.0F);
    }
    for (std::uint32_t i = 0; i < kRows; ++i) {
      factors.push_back(2.0F * random.uniform_float(values.size() + 2 * i) - 1.0F);
      factors.push_back(std::nanf(""));  // another's
      index.push_back(static_cast<std::uint32_t>(i * 7 % kRows));
    }
  }

  RowGroups groups(bool has_factors) const {
    RowGroups all{{values.data(), stride}, kFirst, offsets, rows.data()};
    if (!has_factors) return all;
    all.values.index = index.data();
    all.factors = factors.data();
    all.factor_stride = 2;
    return all;
  }

  /// What is added for a row of the batch, made beforehand.
  std::vector<float> addend(std::uint32_t row, bool has_factors) const {
    const std::size_t at = row - kFirst;
    const float* from = values.data() + (has_factors ? index[at] : at) * stride;
    std::vector<float> all(from, from + cols);
    for (float& value : all) value *= has_factors ? factors[2 * at] : 1.0F;
    return all;
  }

  /// `sum` of Sum's kind: one by one.
  template <typename Sum>
  auto one_by_one(bool has_factors) const {
    std::vector<std::vector<typename Sum::Element>> sums;
    for (std::size_t g = 0; g + 1 < offsets.size(); ++g) {
      auto& sum = sums.emplace_back(cols, typename Sum::Element{0});
      for (std::size_t i = offsets[g]; i < offsets[g + 1]; ++i) {
        EXPECT_TRUE(Sum::add(sum.data(), addend(rows[i], has_factors).data(), cols, kLimit));
      }
    }
    return sums;
  }

  std::size_t cols;
  std::size_t stride;
  std::vector<float> values;
  std::vector<float> factors;
  std::vector<std::uint32_t> index;
  std::vector<std::uint32_t> rows{1039, 1003, 1000, 1039, 1003, 1017, 1002};
  std::vector<std::uint32_t> offsets{1, 6, 6, 7};  // into rows, whose first is of no group
};

/// The sums of the groups, in rows that are longer by one element which must not change.
template <typename Sum>
void expect_sums(const Groups& of, bool has_factors) {
  using Element = typename Sum::Element;
  const auto expected = of.one_by_one<Sum>(has_factors);
  const std::size_t stride = of.cols + 1;
  std::vector<Element> sums(expected.size() * stride, Element{7});
  ASSERT_TRUE(Sum::sum_rows(of.groups(has_factors), kLimit, {sums.data(), stride, of.cols}));
  for (std::size_t g = 0; g < expected.size(); ++g) {
    const auto* sum = sums.data() + g * stride;
    EXPECT_EQ(std::vector<Element>(sum, sum + of.cols), expected[g]) << "group " << g;
    EXPECT_EQ(sum[of.cols], Element{7}) << "what lies behind is another's";
  }
}

/// Beside addends that are rounded one by one.
void expect_sums_in_a_grid(const Groups& of, bool has_factors, unsigned shift) {
  const double unit = std::ldexp(1.0, static_cast<int>(shift) - 30);
  std::vector<std::int64_t> sums(3 * of.cols);
  float expected_largest = 0;
  const auto largest =
      ExactSum::sum_rows(of.groups(has_factors), kLimit, {sums.data(), of.cols, of.cols, shift});
  ASSERT_TRUE(largest);
  for (std::size_t g = 0; g < 3; ++g) {
    std::vector<std::int64_t> expected(of.cols, 0);
    for (std::size_t i = of.offsets[g]; i < of.offsets[g + 1]; ++i) {
      const std::vector<float> addend = of.addend(of.rows[i], has_factors);
      for (std::size_t c = 0; c < of.cols; ++c) {
        expected_largest = std::max(expected_largest, std::abs(addend[c]));
        const double units = std::nearbyint(static_cast<double>(addend[c]) / unit);
        expected[c] += static_cast<std::int64_t>(units) * (std::int64_t{1} << shift);
      }
    }
    const auto* sum = sums.data() + g * of.cols;
    EXPECT_EQ(std::vector<std::int64_t>(sum, sum + of.cols), expected) << "group " << g;
  }
  EXPECT_EQ(*largest, expected_largest);
}

TEST(ExactSum, OfRowsInAGridRoundsEachAddend) {
  for (const std::size_t cols : {1U, 3U, 8U, 21U, 64U}) {
    for (const float scale : {1e-3F, 1.0F, 3e6F}) {  // and beyond the fast range
      for (const unsigned shift : {0U, 1U, 13U, 40U}) {
        for (const bool has_factors : {false, true}) {
          expect_sums_in_a_grid(Groups(cols, scale), has_factors, shift);
        }
      }
    }
  }
}

template <typename Sum>
void expect_refusal(Groups of, bool has_factors) {
  std::vector<typename Sum::Element> sums(3 * of.cols);
  const std::size_t last = (has_factors ? of.index[3] : 3) * of.stride + of.cols - 1;
  for (const float bad : {std::nanf(""), -std::numeric_limits<float>::infinity(), 2 * kLimit}) {
    of.values[last] = bad;
    of.factors[2 * 3] = 1.0F;
    EXPECT_FALSE(Sum::sum_rows(of.groups(has_factors), kLimit, {sums.data(), of.cols, of.cols}));
  }
}

TEST(ExactSum, GroupsOfRowsAddUpAsOneByOneWithAllKernels) {
  const std::string before = kernels_in_use();
  for (const std::string& kernels : available_kernels()) {
    use_kernels(kernels);
    for (const std::size_t cols : {1U, 3U, 4U, 8U, 31U, 32U, 37U, 64U, 129U}) {
      for (const float scale : {1e-6F, 1.0F, 2e6F, 1e7F}) {  // the last beyond the fast range
        for (const bool has_factors : {false, true}) {
          SCOPED_TRACE(kernels + ' ' + std::to_string(cols) + " columns, scale " +
                       std::to_string(scale) + (has_factors ? ", products" : ""));
          const Groups of(cols, scale);
          expect_sums<ExactSum>(of, has_factors);
          expect_sums<FloatSum>(of, has_factors);
          expect_refusal<ExactSum>(of, has_factors);
          expect_refusal<FloatSum>(of, has_factors);
        }
      }
    }
  }
  use_kernels(before);
}

/// Runs `check` with each of the kernels that this processor has.
void with_all_kernels(const std::function<void()>& check) {
  const std::string before = kernels_in_use();
  for (const std::string& kernels : available_kernels()) {
    use_kernels(kernels);
    SCOPED_TRACE(kernels);
    check();
  }
  use_kernels(before);
}

/// Lengths with and without whole vectors, and more than what is looked at together.
constexpr std::array<std::size_t, 8> kLengths{0, 1, 7, 16, 33, 512, 513, 1500};

TEST(ExactSum, LongRowsAddUpAsOneByOneWithAllKernels) {
  with_all_kernels([] {
    for (const std::size_t count : kLengths) {
      for (const float scale : {1e-6F, 1.0F, 2e6F, 1e7F}) {  // the last beyond the fast range
        std::vector<float> values(count);
        for (std::size_t i = 0; i < count; ++i)
          values[i] = scale * std::sin(static_cast<float>(i + 1));
        std::vector<std::int64_t> sums(count + 1, 5);
        ASSERT_TRUE(ExactSum::add(sums.data(), values.data(), count, kLimit));
        for (std::size_t i = 0; i < count; ++i) {
          EXPECT_EQ(sums[i], 5 + GradientFixed::from(static_cast<double>(values[i])));
        }
        EXPECT_EQ(sums[count], 5) << "what lies behind is another's";
      }
    }
  });
}

TEST(ExactSum, NothingIsAddedWhenAValueIsNotFiniteOrTooLarge) {
  const float infinity = std::numeric_limits<float>::infinity();
  with_all_kernels([&] {
    for (const std::size_t count : kLengths) {
      if (count == 0) continue;
      for (const float bad :
           {infinity, -infinity, std::nanf(""), -std::nanf(""), 2 * kLimit, -2 * kLimit}) {
        std::vector<float> values(count, 1.5F);
        values.back() = bad;
        std::vector<std::int64_t> sums(count, 3);
        EXPECT_FALSE(ExactSum::add(sums.data(), values.data(), count, kLimit)) << bad;
        EXPECT_EQ(sums, std::vector<std::int64_t>(count, 3));
      }
    }
  });
}

TEST(ExactSum, AValueOfTheLimitFits) {
  with_all_kernels([] {
    for (const float limit : {0.5F, 1024.0F, kLimit}) {
      std::int64_t sum = 0;
      EXPECT_TRUE(ExactSum::add(&sum, &limit, 1, limit));
      EXPECT_EQ(sum, GradientFixed::from(static_cast<double>(limit)));
      const float above = std::nextafter(limit, 2 * limit);
      EXPECT_FALSE(ExactSum::add(&sum, &above, 1, limit));
    }
  });
}

TEST(ExactSum, MeansAreRoundedTwiceWithAllKernels) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> some{0,
                                       1,
                                       -1,
                                       (1LL << 53) + 1,
                                       -(1LL << 53) - 1,
                                       (1LL << 51),
                                       kLargest,
                                       -kLargest,
                                       kLargest - 512,
                                       0x123456789ABCDEF,
                                       -0x123456789ABCDEF,
                                       3LL << 30,
                                       -(5LL << 29)};
  constexpr double kScale = 1.0 / 2048;
  with_all_kernels([&] {
    for (const std::size_t count : kLengths) {
      std::vector<std::int64_t> sums(count);
      for (std::size_t i = 0; i < count; ++i) sums[i] = some[i * 7 % some.size()];
      std::vector<float> means(count + 1, 7.0F);
      ExactSum::to_mean(sums.data(), count, kScale, means.data());
      for (std::size_t i = 0; i < count; ++i) {
        const double mean = static_cast<double>(sums[i]) * (kScale / GradientFixed::kScale);
        EXPECT_EQ(means[i], static_cast<float>(mean)) << sums[i];
      }
      EXPECT_EQ(means[count], 7.0F);
    }
  });
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
