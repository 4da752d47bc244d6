#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/math/kernels.hpp"

#include "kernel_table.hpp"

namespace nnrec::math::kernels {
namespace {

float finished(float sum, float before, const float* bias, std::size_t col, Finish finish) {
  if (finish == Finish::set) return sum;
  if (finish == Finish::add) return before + sum;
  const float biased = sum + bias[col];
  return finish == Finish::bias_relu && biased < 0.0F ? 0.0F : biased;
}

void product(const Product& p, Finish finish) {
  for (std::size_t i = 0; i < p.rows; ++i) {
    for (std::size_t j = 0; j < p.cols; ++j) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < p.inner; ++k) {
        sum = std::fma(p.a[i * p.a_row + k * p.a_inner], p.b[k * p.b_row + j], sum);
      }
      float& c = p.c[i * p.c_row + j];
      c = finished(sum, c, p.bias, j, finish);
    }
  }
}

void row_dots(const RowDots& p) {
  for (std::size_t r = 0; r < p.rows; ++r) {
    std::array<float, kDotLanes> lanes{};
    const float* a = p.a + r * p.a_row;
    const float* b = p.b + r * p.b_row;
    for (std::size_t c = 0; c < p.count; ++c) {
      lanes[c % kDotLanes] = std::fma(a[c], b[c], lanes[c % kDotLanes]);
    }
    for (std::size_t half = kDotLanes / 2; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    }
    p.y[r * p.y_row] = lanes[0] + p.bias;
  }
}

std::uint32_t row_sum(const RowSum& p) {
  std::fill_n(p.sum, p.cols, std::int64_t{0});
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < p.count; ++i) {
    const float* row = p.data + (p.rows[i] - p.first_row) * p.stride;
    for (std::size_t c = 0; c < p.cols; ++c) {
      largest = std::max(largest, std::bit_cast<std::uint32_t>(row[c]) & 0x7FFFFFFFU);
      if (std::abs(row[c]) < kFixedLimit) {
        p.sum[c] += GradientFixed::from(static_cast<double>(row[c]));
      }
    }
  }
  return largest;
}

}  // namespace

const Kernels kReference{"reference", &product, &row_dots, &row_sum};

}  // namespace nnrec::math::kernels
