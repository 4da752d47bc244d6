#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/base/per_processor.hpp"
#include "nnrec/base/random.hpp"
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

NNREC_PER_PROCESSOR
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

NNREC_PER_PROCESSOR
void row_dots(const RowDots& p) {
  for (std::size_t r = 0; r < p.rows; ++r) {
    std::array<float, kDotLanes> lanes{};
    const float* a = p.a.row(r);
    const float* b = p.b.row(r);
    for (std::size_t c = 0; c < p.count; ++c) {
      lanes[c % kDotLanes] = std::fma(a[c], b[c], lanes[c % kDotLanes]);
    }
    for (std::size_t half = kDotLanes / 2; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    }
    p.y[r * p.y_row] = lanes[0] + p.bias;
  }
}

std::uint32_t row_sums(const RowSums& p) {
  const double scale = GradientFixed::grid_scale(p.shift);
  std::uint32_t largest = 0;
  for (std::size_t g = 0; g < p.of.size(); ++g) {
    std::int64_t* sum = p.sum + g * p.sum_row;
    std::fill_n(sum, p.cols, std::int64_t{0});
    for (const std::uint32_t row : p.of.group(g)) {
      for (std::size_t c = 0; c < p.cols; ++c) {
        const float value = p.of.factor(row) * p.of.row(row)[c];
        largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFFU);
        if (std::abs(value) < kFixedLimit) {
          sum[c] += std::llrint(static_cast<double>(value) * scale) << p.shift;
        }
      }
    }
  }
  return largest;
}

std::size_t add_fixed(const FixedAdd& p) {
  for (std::size_t i = 0; i < p.count; ++i) {
    if (i % kCheckedValues == 0) {
      const std::size_t end = std::min(p.count, i + kCheckedValues);
      for (std::size_t j = i; j < end; ++j) {
        if (!(std::abs(p.value[j]) < p.limit)) return i;
      }
    }
    p.sum[i] += GradientFixed::from(static_cast<double>(p.value[i]));
  }
  return p.count;
}

void means(const Means& p) {
  for (std::size_t i = 0; i < p.count; ++i) {
    p.mean[i] = static_cast<float>(static_cast<double>(p.sum[i]) * p.unit);
  }
}

/// ln(x) of a normal x > 0 within 1.5e-7 of it: x = m 2^e, m in [sqrt(1/2), sqrt(2)), and
/// ln(m) = 2 artanh((m - 1) / (m + 1)).
float logarithm(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - kRootOfHalfBits) >> kMantissaBits;
  const auto part = std::bit_cast<float>(bits - (exponent << kMantissaBits));
  const float s = (part - 1.0F) / (part + 1.0F);
  const float square = s * s;
  float series = kArtanh[0];
  for (std::size_t i = 1; i < kArtanh.size(); ++i) series = std::fma(series, square, kArtanh[i]);
  return std::fma(static_cast<float>(exponent), kLn2, (s + s) * series);
}

/// A uniform multiple of 2^-24 inside (0, 1), from the upper 23 of 32 bits.
float open_uniform(std::uint32_t word) {
  return static_cast<float>((word >> 9) * 2 + 1) * 0x1p-24F;
}

/// Two normal numbers from two words: the first says how far out, the second the direction. Its two
/// upper bits choose one of four mirror images of an angle within 45 degrees.
std::array<float, 2> two_normals(std::uint32_t far, std::uint32_t where) {
  const float radius = std::sqrt(-2.0F * logarithm(open_uniform(far)));
  const float angle = (open_uniform(where << 2) - 0.5F) * kHalfPi;
  const float square = angle * angle;
  float sine = kSine[0];
  for (std::size_t i = 1; i < kSine.size(); ++i) sine = std::fma(sine, square, kSine[i]);
  float cosine = kCosine[0];
  for (std::size_t i = 1; i < kCosine.size(); ++i) cosine = std::fma(cosine, square, kCosine[i]);
  sine *= angle;
  const float signed_radius =
      std::bit_cast<float>(std::bit_cast<std::uint32_t>(radius) ^ (where & 0x80000000U));
  const bool is_swapped = (where & 0x40000000U) != 0;
  return {signed_radius * (is_swapped ? sine : cosine),
          signed_radius * (is_swapped ? cosine : sine)};
}

void normals(const Normals& p) {
  for (std::size_t i = 0; i < p.count; ++i) {
    const std::uint64_t at = p.first + i;
    const auto word = philox4x32({static_cast<std::uint32_t>(at),
                                  static_cast<std::uint32_t>(at >> 32), p.upper[0], p.upper[1]},
                                 p.key);
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const auto two = two_normals(word[2 * pair], word[2 * pair + 1]);
      p.out[4 * i + 2 * pair] = two[0];
      p.out[4 * i + 2 * pair + 1] = two[1];
    }
  }
}

void row_adds(const RowAdds& p) {
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t c = 0; c < p.cols; ++c) {
      float& y = p.y[r * p.y_row + c];
      float sum = p.bias[c];
      if (p.adds) sum += y;
      for (std::size_t i = 0; i < p.count; ++i) {
        sum += p.addends[i].row(r)[c];
      }
      y = p.relu && sum < 0.0F ? 0.0F : sum;
    }
  }
}

void permuted(const Permuted& p) {
  for (std::size_t i = 0; i < p.count; ++i) {
    p.values[i] =
        p.direction == Direction::encrypt ? p.of->encrypt(p.first + i) : p.of->decrypt(p.first + i);
  }
}

}  // namespace

const Kernels kReference{"reference", &product, &row_dots, &row_sums, &add_fixed,
                         &means,      &normals, &permuted, &row_adds};

}  // namespace nnrec::math::kernels
