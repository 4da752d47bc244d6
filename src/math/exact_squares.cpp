#include "nnrec/math/exact_squares.hpp"

#include <cmath>
#include <limits>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::math {

void ExactSquares::add(Wide square) noexcept {
  overflowed_ |= __builtin_add_overflow(sum_, square, &sum_);
}

void ExactSquares::add(std::span<const std::int64_t> sums) noexcept {
  for (const std::int64_t sum : sums) {
    const auto size = static_cast<Wide>(static_cast<std::uint64_t>(sum < 0 ? -sum : sum));
    add(size * size);  // |sum| < 2^62, so the square fits
  }
}

void ExactSquares::add(const ExactSquares& other) noexcept {
  overflowed_ |= other.overflowed_;
  add(other.sum_);
}

double ExactSquares::root() const noexcept {
  if (overflowed_) return std::numeric_limits<double>::infinity();
  return std::sqrt(static_cast<double>(sum_)) / GradientFixed::kScale;
}

}  // namespace nnrec::math
