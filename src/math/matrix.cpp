#include "nnrec/math/matrix.hpp"

#include <algorithm>

#include <Eigen/Core>

#include "nnrec/base/per_processor.hpp"

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;
using Map = Eigen::Map<RowMajor, Eigen::Unaligned, Stride>;
using ConstMap = Eigen::Map<const RowMajor, Eigen::Unaligned, Stride>;

Map map(Matrix m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Stride(static_cast<Eigen::Index>(m.stride))};
}
ConstMap map(ConstMatrix m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Stride(static_cast<Eigen::Index>(m.stride))};
}

/// The parts of a product that all kinds of it share; a's element (i, k) lies at
/// i * a_row + k * a_inner.
kernels::Product to_kernel(const float* a, std::size_t a_row, std::size_t a_inner,
                           std::size_t inner, ConstMatrix b, Matrix c) {
  return {.a = a,
          .a_row = a_row,
          .a_inner = a_inner,
          .b = b.data,
          .b_row = b.stride,
          .bias = nullptr,
          .c = c.data,
          .c_row = c.stride,
          .rows = c.rows,
          .cols = c.cols,
          .inner = inner};
}

}  // namespace

float dot(const float* a, const float* b, std::size_t count) {
  float y = 0.0F;
  kernels::in_use().row_dots({{a, 0}, {b, 0}, 0.0F, &y, 1, 1, count});
  return y;
}

void row_dots(ConstMatrix a, ConstMatrix b, Matrix y) {
  row_dots({a.data, a.stride}, {b.data, b.stride}, a.cols, y);
}

void row_dots(const IndexedRows& a, const IndexedRows& b, std::size_t k, Matrix y) {
  kernels::in_use().row_dots({a, b, 0.0F, y.data, y.stride, y.rows, k});
}

void dense(ConstMatrix x, ConstMatrix w, const float* bias, Activation activation, Matrix y) {
  if (y.cols == 1 && w.stride == 1 && activation == Activation::linear) {
    // The rating's column: a dot product a row.
    kernels::in_use().row_dots(
        {{x.data, x.stride}, {w.data, 0}, bias[0], y.data, y.stride, y.rows, x.cols});
    return;
  }
  auto product = to_kernel(x.data, x.stride, 1, x.cols, w, y);
  product.bias = bias;
  kernels::in_use().product(
      product, activation == Activation::relu ? kernels::Finish::bias_relu : kernels::Finish::bias);
}

void add_rows(const float* bias, std::span<const IndexedRows> addends, Activation activation,
              Matrix y, Write write) {
  kernels::in_use().row_adds({addends.data(), addends.size(), bias, write == Write::add,
                              activation == Activation::relu, y.data, y.stride, y.rows, y.cols});
}

void transposed_product(ConstMatrix x, ConstMatrix y, Matrix w) {
  if (w.cols == 1 && w.stride == 1) {
    // (y^T x)^T, whose rows are long.
    kernels::in_use().product(
        to_kernel(y.data, 1, y.stride, y.rows, x, {w.data, 1, w.rows, w.rows}),
        kernels::Finish::set);
    return;
  }
  kernels::in_use().product(to_kernel(x.data, 1, x.stride, x.rows, y, w), kernels::Finish::set);
}

void product(ConstMatrix x, ConstMatrix w, Matrix y, Write write) {
  kernels::in_use().product(to_kernel(x.data, x.stride, 1, x.cols, w, y),
                            write == Write::add ? kernels::Finish::add : kernels::Finish::set);
}

void transpose(ConstMatrix w, Matrix t) {
  map(t) = map(w).transpose();
}

NNREC_PER_PROCESSOR
void put(const float* from, std::size_t count, float* to, Write write) {
  if (write == Write::add) {
    for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
  } else {
    std::copy_n(from, count, to);
  }
}

void copy(ConstMatrix from, Matrix to, Write write) {
  if (from.data == to.data) return;
  for (std::size_t r = 0; r < to.rows; ++r) put(from.row(r), to.cols, to.row(r), write);
}

NNREC_PER_PROCESSOR
void scale_rows(ConstMatrix scale, ConstMatrix x, Matrix y, Write write) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const float factor = scale.row(r)[0];
    const float* from = x.row(r);
    float* to = y.row(r);
    if (write == Write::add) {
      for (std::size_t c = 0; c < y.cols; ++c) to[c] += factor * from[c];
    } else {
      for (std::size_t c = 0; c < y.cols; ++c) to[c] = factor * from[c];
    }
  }
}

namespace {

/// sums[c] = sum over rows of value(r, c), rows in rising order. Inlined, so that each of the
/// versions of who calls has its own instructions.
template <typename Value>
[[gnu::always_inline]] inline void sum_rows(std::size_t rows, std::size_t cols, float* sums,
                                            const Value& value) {
  constexpr std::size_t kColumns = 64;  // whose sums stay in registers
  std::size_t first = 0;
  for (; first + kColumns <= cols; first += kColumns) {
    float part[kColumns] = {};
    for (std::size_t r = 0; r < rows; ++r) {
      const auto of_row = value(r);
      for (std::size_t c = 0; c < kColumns; ++c) part[c] += of_row(first + c);
    }
    std::copy_n(part, kColumns, sums + first);
  }
  std::fill(sums + first, sums + cols, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto of_row = value(r);
    for (std::size_t c = first; c < cols; ++c) sums[c] += of_row(c);
  }
}

}  // namespace

NNREC_PER_PROCESSOR
void relu_backward(ConstMatrix value, Matrix gradient, float* sums) {
  sum_rows(gradient.rows, gradient.cols, sums, [&](std::size_t r) {
    return [v = value.row(r), g = gradient.row(r)](std::size_t c) {
      return g[c] = v[c] > 0.0F ? g[c] : 0.0F;
    };
  });
}

NNREC_PER_PROCESSOR
void column_sums(ConstMatrix x, float* sums) {
  sum_rows(x.rows, x.cols, sums,
           [&](std::size_t r) { return [row = x.row(r)](std::size_t c) { return row[c]; }; });
}

}  // namespace nnrec::math
