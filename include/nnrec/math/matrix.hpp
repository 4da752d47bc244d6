#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrec::math {

/// A row-major view: element (r, c) is data[r * stride + c]. Owns nothing.
template <typename T>
struct BasicMatrix {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  T* row(std::size_t r) const { return data + r * stride; }
  operator BasicMatrix<const T>() const { return {data, rows, cols, stride}; }
};
using Matrix = BasicMatrix<float>;
using ConstMatrix = BasicMatrix<const float>;

/// Whether a result replaces what is there or is added to it.
enum class Write { set, add };

/// Sum of a[i] b[i] over count elements, in the lanes of kernels.hpp.
float dot(const float* a, const float* b, std::size_t count);
/// n rows, here and there or one after the other: row r is row index[r] of these or, without an
/// index, row r.
struct IndexedRows {
  const float* rows = nullptr;
  std::size_t stride = 0;
  const std::uint32_t* index = nullptr;

  const float* row(std::size_t r) const {
    return rows + (index == nullptr ? r : index[r]) * stride;
  }
};
/// y(i, 0) = dot of row i of a and row i of b. Shapes: a and b (n, k), y (n, 1).
void row_dots(ConstMatrix a, ConstMatrix b, Matrix y);
void row_dots(const IndexedRows& a, const IndexedRows& b, std::size_t k, Matrix y);

/// y = x w + bias, then the larger of that and 0 when `relu`.
/// Shapes: x (n, k), w (k, m), bias m, y (n, m).
enum class Activation { linear, relu };
void dense(ConstMatrix x, ConstMatrix w, const float* bias, Activation activation, Matrix y);

/// y = activation(bias + sum of the addends), in their order; `write` add: + what y was, behind the
/// bias. Shapes: bias m, y (n, m), an addend's row m.
void add_rows(const float* bias, std::span<const IndexedRows> addends, Activation activation,
              Matrix y, Write write);

/// w = x^T y. Shapes: x (n, k), y (n, m), w (k, m). Overwrites w.
void transposed_product(ConstMatrix x, ConstMatrix y, Matrix w);

/// y = x w, or y += x w. Shapes: x (n, k), w (k, m), y (n, m).
void product(ConstMatrix x, ConstMatrix w, Matrix y, Write write = Write::set);

/// t = w^T. Shapes: w (k, m), t (m, k).
void transpose(ConstMatrix w, Matrix t);

/// to[i] = from[i], or to[i] += from[i], for `count` elements.
void put(const float* from, std::size_t count, float* to, Write write);
/// The same for matrices of one shape. Does nothing where both are the same memory.
void copy(ConstMatrix from, Matrix to, Write write);
/// y(i, :) = scale(i, 0) x(i, :), or added. Shapes: scale (n, 1), x and y (n, k).
void scale_rows(ConstMatrix scale, ConstMatrix x, Matrix y, Write write);

/// gradient = gradient where value > 0, else 0: the derivative of relu by its own output. `sums`
/// receives its column_sums.
void relu_backward(ConstMatrix value, Matrix gradient, float* sums);

/// sums[c] = sum over rows of x(r, c), rows in rising order.
void column_sums(ConstMatrix x, float* sums);

}  // namespace nnrec::math
