#include "nnrec/base/permutation.hpp"

#include <algorithm>
#include <bit>

#include "nnrec/base/error.hpp"

namespace nnrec {
namespace {

std::uint64_t mix(std::uint64_t value, std::uint64_t key) noexcept {
  value = (value ^ key) * 0x9E3779B97F4A7C15U;
  return (value ^ (value >> 32)) * 0xD6E8FEB86659FD93U >> 24;
}

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed, Purpose purpose,
                         std::uint64_t step)
    : size_(size) {
  if (size == 0) throw InternalError("a permutation needs at least one element");
  const auto bits = std::max(2U, static_cast<unsigned>(std::bit_width(size - 1)));
  low_bits_ = bits / 2;
  low_mask_ = (std::uint64_t{1} << low_bits_) - 1;
  high_mask_ = (std::uint64_t{1} << (bits - low_bits_)) - 1;
  const CounterRandom random(seed, purpose, step);
  for (std::size_t round = 0; round < keys_.size(); ++round) keys_[round] = random.bits(round);
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const noexcept {
  std::uint64_t low = value & low_mask_;
  std::uint64_t high = value >> low_bits_;
  for (std::size_t round = 0; round < keys_.size(); round += 2) {
    low ^= mix(high, keys_[round]) & low_mask_;
    high ^= mix(low, keys_[round + 1]) & high_mask_;
  }
  return (high << low_bits_) | low;
}

std::uint64_t Permutation::operator()(std::uint64_t index) const noexcept {
  do {
    index = encrypt(index);
  } while (index >= size_);
  return index;
}

}  // namespace nnrec
