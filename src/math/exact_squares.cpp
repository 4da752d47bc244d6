#include "nnrec/math/exact_squares.hpp"

#include <cmath>
#include <limits>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::math {

namespace {

/// Bits of the sum in each word but the last, which counts overflows.
constexpr int kWordBits = 32;

}  // namespace

ExactSquares::ExactSquares(const Words& words) noexcept : overflowed_(words.back() != 0) {
  for (std::size_t i = words.size() - 1; i-- > 0;) {
    constexpr Wide kMost = ~Wide{0} >> kWordBits;
    overflowed_ |= sum_ > kMost;
    sum_ <<= kWordBits;
    add(static_cast<Wide>(words[i]));
  }
}

ExactSquares::Words ExactSquares::words() const noexcept {
  Words words{};
  Wide rest = sum_;
  for (std::size_t i = 0; i + 1 < words.size(); ++i, rest >>= kWordBits) {
    words[i] = static_cast<std::int64_t>(rest & 0xffffffffU);
  }
  words.back() = overflowed_ ? 1 : 0;
  return words;
}

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
