#include "nnrec/math/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "nnrec/base/per_processor.hpp"

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {
namespace {

/// Largest bit pattern of |value|; patterns order like values, with infinities and NaN on top.
NNREC_PER_PROCESSOR
std::uint32_t largest_magnitude_bits(const float* value, std::size_t count) noexcept {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::bit_cast<std::int32_t>(value[i]) & 0x7FFFFFFF);
  }
  return static_cast<std::uint32_t>(largest);
}

}  // namespace

bool ExactSum::add(std::int64_t* sum, const float* value, std::size_t count, float limit) noexcept {
  const std::size_t added =
      kernels::in_use().add_fixed({sum, value, count, std::min(limit, kernels::kFixedLimit)});
  if (added == count) return true;
  const auto fixed = [&](std::size_t i) {
    return GradientFixed::from(static_cast<double>(value[i]));
  };
  // The rare case: some value is beyond the fast range, the limit, or not finite.
  const bool all_fit =
      largest_magnitude_bits(value + added, count - added) <= std::bit_cast<std::uint32_t>(limit);
  if (all_fit) {
    for (std::size_t i = added; i < count; ++i) sum[i] += fixed(i);
  } else {
    for (std::size_t i = 0; i < added; ++i) sum[i] -= fixed(i);
  }
  return all_fit;
}

std::optional<float> ExactSum::sum_rows(const RowGroups& groups, float limit,
                                        const GroupSums<std::int64_t>& sums) noexcept {
  const std::uint32_t bits =
      kernels::in_use().row_sums({groups, sums.data, sums.stride, sums.cols, sums.shift});
  if (bits > std::bit_cast<std::uint32_t>(limit)) return std::nullopt;
  const auto largest = std::bit_cast<float>(bits);
  if (largest < kernels::kFixedLimit) return largest;
  const double scale = GradientFixed::grid_scale(sums.shift);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::int64_t* sum = sums.data + g * sums.stride;
    std::fill_n(sum, sums.cols, std::int64_t{0});
    for (const std::uint32_t row : groups.group(g)) {
      const float* values = groups.row(row);
      const float factor = groups.factor(row);
      for (std::size_t c = 0; c < sums.cols; ++c) {
        sum[c] += std::llrint(static_cast<double>(factor * values[c]) * scale) << sums.shift;
      }
    }
  }
  return largest;
}

void ExactSum::to_mean(const std::int64_t* sum, std::size_t count, double scale,
                       float* mean) noexcept {
  kernels::in_use().means({sum, count, scale / GradientFixed::kScale, mean});
}

std::optional<float> FloatSum::sum_rows(const RowGroups& groups, float limit,
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
  return all_fit ? std::optional(limit) : std::nullopt;
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
