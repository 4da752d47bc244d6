#include "nnrec/math/matrix.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

namespace nnrec::math {
namespace {

/// A matrix with a stride of its own, filled with values in (-1, 1); padding is NaN, so that a
/// kernel that reads it is found out.
struct Filled {
  Filled(std::size_t rows, std::size_t cols, std::size_t padding, std::uint64_t seed)
      : values(rows * (cols + padding), std::nanf("")),
        view{values.data(), rows, cols, cols + padding} {
    const CounterRandom random(seed, Purpose::synthetic, 0);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < cols; ++c) {
        view.row(r)[c] = 2.0F * random.uniform_float(r * cols + c) - 1.0F;
      }
    }
  }
  std::vector<float> values;
  Matrix view;
};

struct Shape {
  std::size_t n, k, m, padding;
};

class MatrixKernels : public ::testing::TestWithParam<Shape> {};

INSTANTIATE_TEST_SUITE_P(OddSizes, MatrixKernels,
                         ::testing::Values(Shape{1, 1, 1, 0}, Shape{3, 1, 8, 0},
                                           Shape{64, 129, 64, 15}, Shape{64, 64, 1, 0},
                                           Shape{63, 76, 64, 4}, Shape{7, 5, 3, 2},
                                           Shape{64, 64, 16, 0}, Shape{20, 32, 4, 12},
                                           Shape{1, 129, 64, 15}, Shape{5, 7, 131, 3}));

TEST_P(MatrixKernels, DenseAgreesWithTheNaiveTwin) {
  const auto [n, k, m, padding] = GetParam();
  const Filled x(n, k, padding, 1);
  const Filled w(k, m, 0, 2);
  const Filled bias(1, m, 0, 3);
  for (const Activation activation : {Activation::linear, Activation::relu}) {
    Filled y(n, m, padding, 4);
    dense(x.view, w.view, bias.view.data, activation, y.view);
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < m; ++c) {
        double expected = static_cast<double>(bias.view.data[c]);
        for (std::size_t i = 0; i < k; ++i) {
          expected += static_cast<double>(x.view.row(r)[i]) * static_cast<double>(w.view.row(i)[c]);
        }
        if (activation == Activation::relu) expected = std::max(expected, 0.0);
        ASSERT_NEAR(y.view.row(r)[c], expected, 2e-5) << r << ' ' << c;
      }
    }
  }
}

TEST_P(MatrixKernels, TransposedProductAgreesWithTheNaiveTwin) {
  const auto [n, k, m, padding] = GetParam();
  const Filled x(n, k, padding, 1);
  const Filled y(n, m, padding, 2);
  Filled w(k, m, 0, 3);
  transposed_product(x.view, y.view, w.view);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t c = 0; c < m; ++c) {
      double expected = 0;
      for (std::size_t r = 0; r < n; ++r) {
        expected += static_cast<double>(x.view.row(r)[i]) * static_cast<double>(y.view.row(r)[c]);
      }
      ASSERT_NEAR(w.view.row(i)[c], expected, 2e-5);
    }
  }
}

TEST_P(MatrixKernels, ProductWithATransposedAgreesWithTheNaiveTwin) {
  const auto [n, k, m, padding] = GetParam();
  const Filled y(n, m, padding, 1);
  const Filled w(k, m, 0, 2);
  Filled x(n, k, padding, 3);
  Filled transposed(m, k, padding, 4);
  transpose(w.view, transposed.view);
  product(y.view, transposed.view, x.view);
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t i = 0; i < k; ++i) {
      double expected = 0;
      for (std::size_t c = 0; c < m; ++c) {
        expected += static_cast<double>(y.view.row(r)[c]) * static_cast<double>(w.view.row(i)[c]);
      }
      ASSERT_NEAR(x.view.row(r)[i], expected, 2e-5);
    }
  }
}

TEST_P(MatrixKernels, ColumnSumsAndReluBackwardAgreeWithTheNaiveTwin) {
  const auto [n, k, m, padding] = GetParam();
  const Filled value(n, m, padding, 1);
  Filled gradient(n, m, padding, 2);
  const Filled before = gradient;
  std::vector<float> sums(m);
  relu_backward(value.view, gradient.view, sums.data());
  std::vector<float> sums_of_gradient(m);
  column_sums(gradient.view, sums_of_gradient.data());
  EXPECT_EQ(sums, sums_of_gradient);
  for (std::size_t c = 0; c < m; ++c) {
    double expected = 0;
    for (std::size_t r = 0; r < n; ++r) {
      const float kept = value.view.row(r)[c] > 0 ? before.values[r * (m + padding) + c] : 0.0F;
      ASSERT_EQ(gradient.view.row(r)[c], kept);
      expected += static_cast<double>(kept);
    }
    ASSERT_NEAR(sums[c], expected, 2e-5);
  }
}

TEST(Matrix, SameBitsWhereverTheDataStands) {
  constexpr std::size_t kRows = 64;
  constexpr std::size_t kInner = 129;
  constexpr std::size_t kCols = 64;
  const Filled x(kRows, kInner, 0, 1);
  const Filled w(kInner, kCols, 0, 2);
  const std::vector<float> bias(kCols, 0.5F);
  std::vector<float> reference;
  for (std::size_t shift = 0; shift < 16; ++shift) {
    std::vector<float> moved_x(kRows * kInner + shift);
    std::vector<float> moved_w(kInner * kCols + shift);
    std::vector<float> moved_y(kRows * kCols + shift);
    std::copy(x.values.begin(), x.values.end(), moved_x.begin() + static_cast<long>(shift));
    std::copy(w.values.begin(), w.values.end(), moved_w.begin() + static_cast<long>(shift));
    dense({moved_x.data() + shift, kRows, kInner, kInner},
          {moved_w.data() + shift, kInner, kCols, kCols}, bias.data(), Activation::relu,
          {moved_y.data() + shift, kRows, kCols, kCols});
    std::vector<float> result(moved_y.begin() + static_cast<long>(shift), moved_y.end());
    if (shift == 0) reference = result;
    ASSERT_EQ(result, reference) << "shift " << shift;
  }
}

TEST(Matrix, ReluKeepsNaNVisible) {
  const float x = std::nanf("");
  const float w = 1.0F;
  const float bias = 0.0F;
  float y = 0.0F;
  dense({&x, 1, 1, 1}, {&w, 1, 1, 1}, &bias, Activation::relu, {&y, 1, 1, 1});
  EXPECT_TRUE(std::isnan(y));
}

}  // namespace
}  // namespace nnrec::math
