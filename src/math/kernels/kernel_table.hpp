#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nnrec::math::kernels {

/// What is done with the sums of a product: c = sum; c += sum; c = sum + bias; and then the larger
/// of that and 0, a NaN staying one.
enum class Finish { set, add, bias, bias_relu };

/// c(i, j) = sum over k of a(i, k) b(k, j), k rising, by fused multiply-adds that begin at 0.
struct Product {
  const float* a;  ///< element (i, k) at i * a_row + k * a_inner
  std::size_t a_row;
  std::size_t a_inner;
  const float* b;  ///< element (k, j) at k * b_row + j
  std::size_t b_row;
  const float* bias;  ///< (cols), where the finish wants it
  float* c;           ///< element (i, j) at i * c_row + j
  std::size_t c_row;
  std::size_t rows;
  std::size_t cols;
  std::size_t inner;
};

/// y[r * y_row] = dot of a's row r and b's row r + bias. b_row 0: one b for all rows.
struct RowDots {
  const float* a;
  std::size_t a_row;
  const float* b;
  std::size_t b_row;
  float bias;
  float* y;
  std::size_t y_row;
  std::size_t rows;
  std::size_t count;
};

/// One set of instructions.
struct Kernels {
  std::string_view name;
  void (*product)(const Product& product, Finish finish);
  void (*row_dots)(const RowDots& dots);
};

extern const Kernels kReference;
/// Those that are compiled in and that this processor can run, the fastest first.
std::span<const Kernels* const> vector_kernels();
/// What is in use.
const Kernels& in_use();

}  // namespace nnrec::math::kernels
