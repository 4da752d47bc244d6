#include "nnrec/math/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "nnrec/base/per_processor.hpp"

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {
namespace {

/// A conversion that vectorises where the instruction set has none.
constexpr double kMagic = kernels::kFixedMagic;
constexpr auto kMagicBits = std::bit_cast<std::uint64_t>(kMagic);
constexpr std::uint64_t kFastRange = std::uint64_t{1} << 51;

/// As unsigned numbers, which may wrap: a value outside the range is seen and taken back.
std::uint64_t fast_fixed(float value) noexcept {
  // The product is exact, so that fusing rounds no other way.
  const double shifted = std::fma(static_cast<double>(value), GradientFixed::kScale, kMagic);
  return std::bit_cast<std::uint64_t>(shifted) - kMagicBits;
}

/// sum[i] += fast_fixed(value[i]). Returns the OR of (fixed value + range): below 2 * range, a
/// power of two, exactly when every |fixed value| is below range (NaN and infinity land far
/// outside).
NNREC_PER_PROCESSOR
std::uint64_t add_fast(std::int64_t* __restrict sum, const float* __restrict value,
                       std::size_t count, std::uint64_t range) noexcept {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t fixed = fast_fixed(value[i]);
    sum[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum[i]) + fixed);
    seen |= fixed + range;
  }
  return seen;
}

/// Largest bit pattern of |value|; patterns order like values, with infinities and NaN on top.
NNREC_PER_PROCESSOR
std::uint32_t largest_magnitude_bits(const float* value, std::size_t count) noexcept {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::bit_cast<std::int32_t>(value[i]) & 0x7FFFFFFF);
  }
  return static_cast<std::uint32_t>(largest);
}

/// The rare case: some value is beyond the fast range, the limit, or not finite.
bool add_slow(std::int64_t* sum, const float* value, std::size_t count, float limit) noexcept {
  if (largest_magnitude_bits(value, count) > std::bit_cast<std::uint32_t>(limit)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    sum[i] += GradientFixed::from(static_cast<double>(value[i]));
  }
  return true;
}

}  // namespace

bool ExactSum::add(std::int64_t* sum, const float* value, std::size_t count, float limit) noexcept {
  const double fixed_limit = static_cast<double>(limit) * GradientFixed::kScale;
  const std::uint64_t range = fixed_limit >= static_cast<double>(kFastRange)
                                  ? kFastRange
                                  : std::bit_floor(static_cast<std::uint64_t>(fixed_limit));
  if (add_fast(sum, value, count, range) < 2 * range) return true;
  for (std::size_t i = 0; i < count; ++i) {  // take all back
    sum[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum[i]) - fast_fixed(value[i]));
  }
  return add_slow(sum, value, count, limit);
}

bool ExactSum::sum_rows(const RowGroups& groups, float limit,
                        const GroupSums<std::int64_t>& sums) noexcept {
  const std::uint32_t largest =
      kernels::in_use().row_sums({groups, sums.data, sums.stride, sums.cols});
  if (largest > std::bit_cast<std::uint32_t>(limit)) return false;
  if (largest < std::bit_cast<std::uint32_t>(kernels::kFixedLimit)) return true;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::int64_t* sum = sums.data + g * sums.stride;
    std::fill_n(sum, sums.cols, std::int64_t{0});
    for (const std::uint32_t row : groups.group(g)) {
      const float* values = groups.row(row);
      const float factor = groups.factor(row);
      for (std::size_t c = 0; c < sums.cols; ++c) {
        sum[c] += GradientFixed::from(static_cast<double>(factor * values[c]));
      }
    }
  }
  return true;
}

NNREC_PER_PROCESSOR
void ExactSum::to_mean(const std::int64_t* sum, std::size_t count, double scale,
                       float* mean) noexcept {
  const double unit = scale / GradientFixed::kScale;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < count; ++i) seen |= static_cast<std::uint64_t>(sum[i]) + kFastRange;
  if (seen < 2 * kFastRange) {  // both ways convert exactly; this one vectorises
    for (std::size_t i = 0; i < count; ++i) {
      mean[i] = static_cast<float>(
          (std::bit_cast<double>(static_cast<std::uint64_t>(sum[i]) + kMagicBits) - kMagic) * unit);
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    mean[i] = static_cast<float>(static_cast<double>(sum[i]) * unit);
  }
}

bool FloatSum::sum_rows(const RowGroups& groups, float limit,
                        const GroupSums<float>& sums) noexcept {
  bool all_fit = true;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    float* sum = sums.data + g * sums.stride;
    std::fill_n(sum, sums.cols, 0.0F);
    for (const std::uint32_t row : groups.group(g)) {
      const float* values = groups.row(row);
      const float factor = groups.factor(row);
      for (std::size_t c = 0; c < sums.cols; ++c) {
        const float value = factor * values[c];
        all_fit &= std::abs(value) <= limit;  // false for a NaN
        sum[c] += value;
      }
    }
  }
  return all_fit;
}

NNREC_PER_PROCESSOR
bool FloatSum::add(float* sum, const float* value, std::size_t count, float limit) noexcept {
  if (largest_magnitude_bits(value, count) > std::bit_cast<std::uint32_t>(limit)) return false;
  for (std::size_t i = 0; i < count; ++i) sum[i] += value[i];
  return true;
}

NNREC_PER_PROCESSOR
void FloatSum::to_mean(const float* sum, std::size_t count, double scale, float* mean) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    mean[i] = static_cast<float>(static_cast<double>(sum[i]) * scale);
  }
}

}  // namespace nnrec::math
