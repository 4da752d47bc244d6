#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "nnrec/base/permutation.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/matrix.hpp"

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

/// y[r * y_row] = dot of a's row r and b's row r + bias. A stride of 0: one row for all.
struct RowDots {
  IndexedRows a;
  IndexedRows b;
  float bias;
  float* y;
  std::size_t y_row;
  std::size_t rows;
  std::size_t count;
};

/// sum[g * sum_row + c] = sum over the rows of group g of their element c in GradientFixed, each
/// rounded to a multiple of 2^shift units, replacing what was there. Where the result says that a
/// value was kFixedLimit or more, or not finite, the sums are not defined.
struct RowSums {
  RowGroups of;
  std::int64_t* sum;
  std::size_t sum_row;
  std::size_t cols;
  unsigned shift = 0;
};

/// sum[i] += value[i] in GradientFixed.
struct FixedAdd {
  std::int64_t* sum;
  const float* value;
  std::size_t count;
  float limit;  ///< at most kFixedLimit
};

/// mean[i] = sum[i] * unit, rounded to a double, multiplied, rounded to a float.
struct Means {
  const std::int64_t* sum;
  std::size_t count;
  double unit;
  float* mean;
};

/// Four standard normal numbers for each of `count` Philox counters that follow each other, at
/// out[4 i ..]. Requires: their lower words do not wrap.
struct Normals {
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 2> upper;  ///< of the counter
  std::uint64_t first;
  std::size_t count;
  float* out;
};

enum class Direction { encrypt, decrypt };

/// values[i] = of->encrypt(first + i), or decrypt. Requires: its halves are below 2^32.
struct Permuted {
  const Permutation* of;
  Direction direction;
  std::uint64_t first;
  std::uint64_t* values;
  std::size_t count;
};

/// y(r, c) = bias[c] + y(r, c), where `adds`, + each addend's row for r, in their order; then the
/// larger of that and 0 where `relu`, a NaN staying one.
struct RowAdds {
  const IndexedRows* addends;
  std::size_t count;
  const float* bias;
  bool adds;
  bool relu;
  float* y;
  std::size_t y_row;
  std::size_t rows;
  std::size_t cols;
};

/// FixedAdd looks at so many values before it adds them.
inline constexpr std::size_t kCheckedValues = 512;
/// Below this a value is brought into fixed point by one addition, or one conversion.
inline constexpr float kFixedLimit = 0x1p21F;
/// Adding it to a value in units of the fixed point leaves the rounded value, ties to even, in the
/// low bits of a double's mantissa. Exact below 2^51.
inline constexpr double kFixedMagic = 0x1.8p52;

// Of the normals: series in rising powers, the last coefficient first, each of a square.
inline constexpr int kMantissaBits = 23;
inline constexpr std::int32_t kRootOfHalfBits = 0x3F3504F3;
inline constexpr float kLn2 = 0.693147180559945F;
inline constexpr float kHalfPi = 1.57079632679490F;
inline constexpr std::array<float, 5> kArtanh{1.0F / 9, 1.0F / 7, 1.0F / 5, 1.0F / 3, 1.0F};
inline constexpr std::array<float, 5> kSine{1.0F / 362880, -1.0F / 5040, 1.0F / 120, -1.0F / 6,
                                            1.0F};
inline constexpr std::array<float, 6> kCosine{-1.0F / 3628800, 1.0F / 40320, -1.0F / 720,
                                              1.0F / 24,       -1.0F / 2,    1.0F};

/// One set of instructions.
struct Kernels {
  std::string_view name;
  void (*product)(const Product& product, Finish finish);
  void (*row_dots)(const RowDots& dots);
  /// Returns the bits of the largest |value|; they order like values, NaN on top.
  std::uint32_t (*row_sums)(const RowSums& sums);
  /// Returns how many values were added: all, or those before the first kCheckedValues of which
  /// some |value| is `limit` or more, or not finite.
  std::size_t (*add_fixed)(const FixedAdd& add);
  void (*means)(const Means& means);
  void (*normals)(const Normals& normals);
  void (*permuted)(const Permuted& permuted);
  void (*row_adds)(const RowAdds& adds);
};

extern const Kernels kReference;
/// Those that are compiled in and that this processor can run, the fastest first.
std::span<const Kernels* const> vector_kernels();
/// What is in use.
const Kernels& in_use();

}  // namespace nnrec::math::kernels
