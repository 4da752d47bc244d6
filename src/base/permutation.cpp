#include "nnrec/base/permutation.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/base/per_processor.hpp"

namespace nnrec {
namespace {

__extension__ using Wide = unsigned __int128;

/// A value in [0, range) that depends on all bits of `half` and `key`.
std::uint64_t hash_below(std::uint64_t range, std::uint64_t half, std::uint64_t key) noexcept {
  const Wide product = static_cast<Wide>(half ^ key) * 0x9E3779B97F4A7C15U;
  const auto mixed =
      static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  return static_cast<std::uint64_t>(static_cast<Wide>(mixed) * range >> 64);
}

constexpr std::uint64_t kLow = 0xFFFFFFFF;

/// hash_below() by products of 32 bits, which vectors have; a range below 2^32.
inline std::uint64_t hash_below_in_halves(std::uint64_t range, std::uint64_t half,
                                          std::uint64_t key) noexcept {
  constexpr std::uint64_t kFactorLow = 0x7F4A7C15;
  constexpr std::uint64_t kFactorHigh = 0x9E3779B9;
  const std::uint64_t x = half ^ key;
  const std::uint64_t low = (x & kLow) * kFactorLow;
  const std::uint64_t middle = (x >> 32) * kFactorLow + (low >> 32);
  const std::uint64_t other = (x & kLow) * kFactorHigh + (middle & kLow);
  const std::uint64_t high = (x >> 32) * kFactorHigh + (middle >> 32) + (other >> 32);
  const std::uint64_t mixed = high ^ (other << 32 | (low & kLow));
  return ((mixed >> 32) * range + ((mixed & kLow) * range >> 32)) >> 32;
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

/// Pairs that are encrypted side by side: as many as fill a processor's units.
constexpr std::size_t kLanes = 32;
struct Pairs {
  std::uint64_t high[kLanes];
  std::uint64_t low[kLanes];
};

/// The rounds of Permutation::encrypt, of ranges below 2^32.
NNREC_PER_PROCESSOR
void encrypt_lanes(std::uint64_t highs, std::uint64_t lows,
                   const std::array<std::uint64_t, 8>& all_keys, Pairs& of) noexcept {
  // Copies: through a reference every store might change a key.
  const std::array<std::uint64_t, 8> keys = all_keys;
  Pairs pairs = of;
  for (std::size_t round = 0; round < keys.size(); round += 2) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t by = hash_below_in_halves(lows, pairs.high[lane], keys[round]);
      const std::uint64_t sum = pairs.low[lane] + by;
      pairs.low[lane] = std::min(sum, sum - lows);  // wraps to something large below the range
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t by = hash_below_in_halves(highs, pairs.low[lane], keys[round + 1]);
      const std::uint64_t sum = pairs.high[lane] + by;
      pairs.high[lane] = std::min(sum, sum - highs);
    }
  }
  of = pairs;
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

void Permutation::values(std::uint64_t first, std::span<std::uint64_t> to) const noexcept {
  std::uint64_t next_high = first / lows_;
  std::uint64_t next_low = first % lows_;
  std::size_t at = 0;
  const bool fits = highs_ <= kLow && lows_ <= kLow;
  for (; fits && at + kLanes <= to.size(); at += kLanes) {
    Pairs pairs;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      pairs.high[lane] = next_high;
      pairs.low[lane] = next_low;
      const bool is_last = ++next_low == lows_;
      next_high += is_last ? 1 : 0;
      next_low = is_last ? 0 : next_low;
    }
    encrypt_lanes(highs_, lows_, keys_, pairs);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const auto value = pairs.high[lane] * lows_ + pairs.low[lane];
      to[at + lane] = value < size_ ? value : (*this)(value);
    }
  }
  for (; at < to.size(); ++at) to[at] = (*this)(first + at);
}

}  // namespace nnrec
