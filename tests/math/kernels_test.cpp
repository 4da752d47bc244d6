#include "nnrec/math/kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::math {
namespace {

/// Numbers whose sums round at almost every addition, with signed zeros here and there.
std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
  const CounterRandom random(seed, Purpose::synthetic, 0);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = std::ldexp(2.0F * random.uniform_float(i) - 1.0F, static_cast<int>(i % 7));
    if (i % 29 == 0) values[i] = i % 2 == 0 ? 0.0F : -0.0F;
  }
  return values;
}

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> all;
  for (const float value : values) all.push_back(std::bit_cast<std::uint32_t>(value));
  return all;
}

/// All that the kernels compute, of matrices (n, k) and (k, m) with padded rows, as bits.
std::vector<std::uint32_t> results(std::size_t n, std::size_t k, std::size_t m) {
  constexpr std::size_t kPadding = 3;
  auto x = numbers(n * (k + kPadding), 1);
  auto w = numbers(k * m, 2);
  auto y = numbers(n * (m + kPadding), 3);
  auto dw = numbers(k * m, 4);
  const auto bias = numbers(m, 5);
  const Matrix x_view{x.data(), n, k, k + kPadding};
  const Matrix w_view{w.data(), k, m, m};
  const Matrix y_view{y.data(), n, m, m + kPadding};
  std::vector<std::uint32_t> all;
  const auto keep = [&](const std::vector<float>& values) {
    const auto more = bits(values);
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const Activation activation : {Activation::linear, Activation::relu}) {
    dense(x_view, w_view, bias.data(), activation, y_view);
    keep(y);
  }
  transposed_product(x_view, y_view, {dw.data(), k, m, m});
  keep(dw);
  product(x_view, w_view, y_view, Write::add);
  keep(y);
  row_dots(x_view, x_view, {y.data(), n, 1, m + kPadding});
  keep(y);
  keep({dot(x.data(), x.data() + 1, n * k - 1)});
  std::vector<std::uint32_t> index(n);
  for (std::size_t r = 0; r < n; ++r) index[r] = static_cast<std::uint32_t>(r * 7 % k);
  row_dots({w.data(), m, index.data()}, {x.data(), k + kPadding}, std::min(k, m),
           {y.data(), n, 1, m + kPadding});
  keep(y);
  const std::vector<IndexedRows> addends{
      {w.data(), m, index.data()}, {dw.data(), 0, nullptr}, {dw.data(), m, index.data()}};
  for (const Write write : {Write::add, Write::set}) {
    add_rows(bias.data(), addends, write == Write::add ? Activation::linear : Activation::relu,
             y_view, write);
    keep(y);
  }
  return all;
}

/// Goes back to what was in use.
class KernelsTest : public ::testing::Test {
 protected:
  ~KernelsTest() override { use_kernels(before_); }
  std::string before_ = kernels_in_use();
};

TEST_F(KernelsTest, EverySetOfInstructionsGivesTheReferencesBits) {
  for (const auto& [n, k, m] : std::vector<std::array<std::size_t, 3>>{{1, 1, 1},
                                                                       {2, 3, 5},
                                                                       {64, 64, 64},
                                                                       {63, 129, 64},
                                                                       {64, 76, 16},
                                                                       {7, 8, 8},
                                                                       {19, 32, 33},
                                                                       {5, 17, 100},
                                                                       {64, 15, 31},
                                                                       {13, 64, 129},
                                                                       {33, 16, 47},
                                                                       {64, 4, 1}}) {
    use_kernels("reference");
    const auto expected = results(n, k, m);
    for (const std::string& name : available_kernels()) {
      use_kernels(name);
      EXPECT_EQ(results(n, k, m), expected) << name << ": " << n << ' ' << k << ' ' << m;
    }
  }
}

TEST_F(KernelsTest, ANaNAndAnInfinityStayVisible) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const std::string& name : available_kernels()) {
    use_kernels(name);
    for (const float value : {std::nanf(""), kInfinity}) {
      std::vector<float> x(40, 1.0F);
      x[17] = value;
      const std::vector<float> w(40, 1.0F);
      const std::vector<float> bias(40, -1.0F);
      std::vector<float> y(40, 0.0F);
      dense({x.data(), 40, 1, 1}, {w.data(), 1, 40, 40}, bias.data(), Activation::relu,
            {y.data(), 1, 40, 40});
      EXPECT_EQ(y[3], 0.0F);
      std::vector<float> all(1600, 0.0F);
      dense({x.data(), 40, 1, 1}, {w.data(), 1, 40, 40}, bias.data(), Activation::relu,
            {all.data(), 40, 40, 40});
      EXPECT_FALSE(std::isfinite(all[17 * 40 + 39])) << name;
      EXPECT_FALSE(std::isfinite(dot(x.data(), w.data(), 40))) << name;
    }
  }
}

TEST_F(KernelsTest, TheFastestComesFirstAndTheReferenceLast) {
  EXPECT_EQ(available_kernels().back(), "reference");
  unsetenv("NNREC_KERNELS");
  use_kernels("auto");
  EXPECT_EQ(kernels_in_use(), available_kernels().front());
}

TEST_F(KernelsTest, TheEnvironmentDecidesWhatAutoMeans) {
  setenv("NNREC_KERNELS", "reference", 1);
  use_kernels("auto");
  EXPECT_EQ(kernels_in_use(), "reference");
  setenv("NNREC_KERNELS", "sse9", 1);
  EXPECT_THROW(use_kernels("auto"), UsageError);
  unsetenv("NNREC_KERNELS");
}

TEST_F(KernelsTest, AnUnknownSetIsRefusedWithThoseThatThereAre) {
  try {
    use_kernels("avx1024");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("avx1024"),
                                               ::testing::HasSubstr("reference")));
  }
}

}  // namespace
}  // namespace nnrec::math
