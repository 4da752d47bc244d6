#include "nnrec/math/exact_sum.hpp"

#include <algorithm>
#include <bit>

namespace nnrec::math {
namespace {

/// Adding 1.5 * 2^52 leaves round(x) in the low bits of the sum's mantissa (ties to even): a
/// conversion that vectorises where the instruction set has none. Exact for |x| < 2^51.
constexpr double kMagic = 0x1.8p52;
constexpr double kFastLimit = 0x1p51 / GradientFixed::kScale;

/// Largest bit pattern of |value|; patterns order like values, with infinities and NaN on top.
std::uint32_t largest_magnitude_bits(const float* value, std::size_t count) noexcept {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::bit_cast<std::int32_t>(value[i]) & 0x7FFFFFFF);
  }
  return static_cast<std::uint32_t>(largest);
}

}  // namespace

bool ExactSum::add(std::int64_t* sum, const float* value, std::size_t count, float limit) noexcept {
  const std::uint32_t largest = largest_magnitude_bits(value, count);
  if (largest > std::bit_cast<std::uint32_t>(limit)) return false;
  if (std::bit_cast<float>(largest) < static_cast<float>(kFastLimit)) {
    for (std::size_t i = 0; i < count; ++i) {
      const double shifted = static_cast<double>(value[i]) * GradientFixed::kScale + kMagic;
      sum[i] += std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(kMagic);
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      sum[i] += GradientFixed::from(static_cast<double>(value[i]));
    }
  }
  return true;
}

void ExactSum::to_mean(const std::int64_t* sum, std::size_t count, double scale,
                       float* mean) noexcept {
  const double unit = scale / GradientFixed::kScale;
  for (std::size_t i = 0; i < count; ++i) {
    mean[i] = static_cast<float>(static_cast<double>(sum[i]) * unit);
  }
}

bool FloatSum::add(float* sum, const float* value, std::size_t count, float limit) noexcept {
  if (largest_magnitude_bits(value, count) > std::bit_cast<std::uint32_t>(limit)) return false;
  for (std::size_t i = 0; i < count; ++i) sum[i] += value[i];
  return true;
}

void FloatSum::to_mean(const float* sum, std::size_t count, double scale, float* mean) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    mean[i] = static_cast<float>(static_cast<double>(sum[i]) * scale);
  }
}

}  // namespace nnrec::math
