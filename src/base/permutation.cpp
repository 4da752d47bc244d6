#include "nnrec/base/permutation.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"

namespace nnrec {
namespace {

__extension__ using Wide = unsigned __int128;

/// A value in [0, range) that depends on all bits of `half` and `key`.
std::uint64_t hash_below(std::uint64_t range, std::uint64_t half, std::uint64_t key) noexcept {
  const Wide product = static_cast<Wide>(half ^ key) * Permutation::kFactor;
  const auto mixed =
      static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  return static_cast<std::uint64_t>(static_cast<Wide>(mixed) * range >> 64);
}

/// (a + b) mod range for a, b < range.
std::uint64_t add_modulo(std::uint64_t a, std::uint64_t b, std::uint64_t range) noexcept {
  const std::uint64_t sum = a + b;
  return sum >= range ? sum - range : sum;
}

/// (a - b) mod range for a, b < range.
std::uint64_t subtract_modulo(std::uint64_t a, std::uint64_t b, std::uint64_t range) noexcept {
  return a >= b ? a - b : a + (range - b);
}

/// Smallest r with r * r >= value.
std::uint64_t ceiling_root(std::uint64_t value) noexcept {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(value)));
  while (static_cast<Wide>(root) * root < value) ++root;
  while (root > 1 && static_cast<Wide>(root - 1) * (root - 1) >= value) --root;
  return root;
}

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed, Purpose purpose,
                         std::uint64_t step)
    : size_(size) {
  if (size == 0) throw InternalError("a permutation needs at least one element");
  // Two values a half at least, else a half of one value would never move the other.
  lows_ = std::max<std::uint64_t>(2, ceiling_root(size));
  highs_ = std::max<std::uint64_t>(2, (size + lows_ - 1) / lows_);
  const CounterRandom random(seed, purpose, step);
  for (std::size_t round = 0; round < keys_.size(); ++round) keys_[round] = random.bits(round);
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const noexcept {
  std::uint64_t high = value / lows_;
  std::uint64_t low = value % lows_;
  for (std::size_t round = 0; round < keys_.size(); round += 2) {
    low = add_modulo(low, hash_below(lows_, high, keys_[round]), lows_);
    high = add_modulo(high, hash_below(highs_, low, keys_[round + 1]), highs_);
  }
  return high * lows_ + low;
}

std::uint64_t Permutation::operator()(std::uint64_t index) const noexcept {
  do {
    index = encrypt(index);
  } while (index >= size_);
  return index;
}

/// The rounds of encrypt, undone from the last to the first.
std::uint64_t Permutation::decrypt(std::uint64_t value) const noexcept {
  std::uint64_t high = value / lows_;
  std::uint64_t low = value % lows_;
  for (std::size_t round = keys_.size(); round > 0; round -= 2) {
    high = subtract_modulo(high, hash_below(highs_, low, keys_[round - 1]), highs_);
    low = subtract_modulo(low, hash_below(lows_, high, keys_[round - 2]), lows_);
  }
  return high * lows_ + low;
}

std::uint64_t Permutation::index_of(std::uint64_t value) const noexcept {
  // Backwards along the same cycle: the values that the walk passed over lie at or above size.
  do {
    value = decrypt(value);
  } while (value >= size_);
  return value;
}

}  // namespace nnrec
