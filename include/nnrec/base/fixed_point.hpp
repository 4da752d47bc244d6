#pragma once

#include <cmath>
#include <cstdint>

#include "nnrec/base/wide_sum.hpp"

namespace nnrec {

/// Sums in 64-bit fixed point: integers add associatively, so a sum has one value for any
/// partition over threads and ranks. A contribution is rounded once, to a multiple of
/// 2^-fraction_bits (ties to even); adding is exact.
/// Overflow cannot happen silently: see contribution_limit.
template <int fraction_bits>
struct FixedPoint {
  static constexpr double kScale = static_cast<double>(std::uint64_t{1} << fraction_bits);
  /// Bits for the sum: |sum| stays below 2^62, so that a sum never wraps.
  static constexpr double kSumLimit = 0x1p62 / kScale;

  /// Largest |value| that may be contributed when at most `contributions` values are summed.
  static constexpr double contribution_limit(std::uint64_t contributions) {
    return kSumLimit / static_cast<double>(contributions == 0 ? 1 : contributions);
  }
  /// Requires |value| < kSumLimit.
  static std::int64_t from(double value) noexcept { return std::llrint(value * kScale); }
  /// What a value is multiplied by, exactly, for a grid of 2^shift units.
  static constexpr double grid_scale(unsigned shift) {
    return kScale / static_cast<double>(std::uint64_t{1} << shift);
  }
  static constexpr double to_double(std::int64_t sum) noexcept {
    return static_cast<double>(sum) / kScale;
  }
  static double to_double(const WideSum& sum) noexcept { return sum.to_double() / kScale; }
};

/// Gradients: resolution 9.3e-10 of the *sum* over a batch, range +-4.3e9.
using GradientFixed = FixedPoint<30>;
/// Squared errors of one tile, added up in WideSum: resolution 9.5e-7, a tile up to 4.4e12.
using LossFixed = FixedPoint<20>;

}  // namespace nnrec
