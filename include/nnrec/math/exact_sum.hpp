#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::math {

/// Sums of gradients as the blueprint's law 4 wants them: 64-bit fixed point, order-free.
struct ExactSum {
  using Element = std::int64_t;
  /// sum[i] += value[i] in GradientFixed. Returns false, and adds nothing, when some |value| is
  /// above `limit` or is not finite.
  [[nodiscard]] static bool add(std::int64_t* sum, const float* value, std::size_t count,
                                float limit) noexcept;
  /// Some rows of floats: row r lies at data + (r - first_row) * stride.
  struct Rows {
    const float* data;
    std::size_t stride;
    std::size_t first_row;
    std::span<const std::uint32_t> rows;
  };
  /// sum[c] = sum over `rows` of their element c in GradientFixed, replacing what was there.
  /// Returns false, with `sum` not defined, when some |value| is above `limit` or is not finite.
  [[nodiscard]] static bool sum_rows(const Rows& rows, std::size_t cols, float limit,
                                     std::int64_t* sum) noexcept;
  /// mean[i] = sum[i] * scale, with scale = 1 / row count: the one division.
  static void to_mean(const std::int64_t* sum, std::size_t count, double scale,
                      float* mean) noexcept;
};

/// The same in plain float, which depends on the order: for measuring what exactness costs.
struct FloatSum {
  using Element = float;
  [[nodiscard]] static bool add(float* sum, const float* value, std::size_t count,
                                float limit) noexcept;
  [[nodiscard]] static bool sum_rows(const ExactSum::Rows& rows, std::size_t cols, float limit,
                                     float* sum) noexcept;
  static void to_mean(const float* sum, std::size_t count, double scale, float* mean) noexcept;
};

}  // namespace nnrec::math
