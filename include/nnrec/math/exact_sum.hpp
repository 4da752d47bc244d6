#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::math {

/// Groups of rows of a batch, each to be added up. What is added for batch row r is row
/// r - first_row of `values`, or of the products factor(r - first_row) * value, rounded to float.
struct RowGroups {
  IndexedRows values;
  std::size_t first_row = 0;
  std::span<const std::uint32_t> offsets{};  ///< (groups + 1), into rows
  const std::uint32_t* rows = nullptr;       ///< of the batch, group by group
  const float* factors = nullptr;            ///< none: the rows as they are
  std::size_t factor_stride = 0;

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> group(std::size_t index) const {
    return {rows + offsets[index], rows + offsets[index + 1]};
  }
  const float* row(std::uint32_t of_batch) const { return values.row(of_batch - first_row); }
  float factor(std::uint32_t of_batch) const {
    return factors == nullptr ? 1.0F : factors[(of_batch - first_row) * factor_stride];
  }
};

/// Where their sums go: (groups, cols), `stride` from one to the next.
template <typename T>
struct GroupSums {
  T* data;
  std::size_t stride;
  std::size_t cols;
  /// Of exact sums: what is added is rounded to a multiple of 2^shift units of GradientFixed.
  unsigned shift = 0;
};

/// Sums of gradients as the blueprint's law 4 wants them: 64-bit fixed point, order-free.
struct ExactSum {
  using Element = std::int64_t;
  /// sum[i] += value[i] in GradientFixed. Returns false, and adds nothing, when some |value| is
  /// above `limit` or is not finite.
  [[nodiscard]] static bool add(std::int64_t* sum, const float* value, std::size_t count,
                                float limit) noexcept;
  /// sum(g, c) = sum over the rows of group g of their element c in GradientFixed, replacing what
  /// was there. Returns the largest |value|; nothing, with the sums not defined, when it is above
  /// `limit` or not finite.
  [[nodiscard]] static std::optional<float> sum_rows(const RowGroups& groups, float limit,
                                                     const GroupSums<std::int64_t>& sums) noexcept;
  /// mean[i] = sum[i] * scale, with scale = 1 / row count: the one division.
  static void to_mean(const std::int64_t* sum, std::size_t count, double scale,
                      float* mean) noexcept;
};

/// The same in plain float, which depends on the order: for measuring what exactness costs.
struct FloatSum {
  using Element = float;
  [[nodiscard]] static bool add(float* sum, const float* value, std::size_t count,
                                float limit) noexcept;
  /// What it returns of a sum that fits is not its largest value.
  [[nodiscard]] static std::optional<float> sum_rows(const RowGroups& groups, float limit,
                                                     const GroupSums<float>& sums) noexcept;
  static void to_mean(const float* sum, std::size_t count, double scale, float* mean) noexcept;
};

}  // namespace nnrec::math
