#pragma once

#include <array>
#include <cstdint>

#include "nnrec/base/random.hpp"

namespace nnrec {

/// A keyed bijection of [0, size): the shuffle as a function, with nothing stored.
/// The order of an epoch is row = permutation(position); a random split puts row r in the part
/// that position permutation(r) falls in.
/// Method: a generalised Feistel network over pairs (index / b, index % b) with a b barely above
/// size, walked along its cycle in the rare case that the value is not below size (Black and
/// Rogaway 2002, "Ciphers with arbitrary finite domains").
class Permutation {
 public:
  /// Requires size > 0 (throws InternalError).
  Permutation(std::uint64_t size, std::uint64_t seed, Purpose purpose, std::uint64_t step);

  std::uint64_t size() const noexcept { return size_; }
  /// Requires index < size().
  std::uint64_t operator()(std::uint64_t index) const noexcept;
  /// The inverse: the index that is taken to `value`. Requires value < size().
  std::uint64_t index_of(std::uint64_t value) const noexcept;
  // For who goes through the rounds of several at once (math/permuted.hpp).

  static constexpr int kRounds = 8;
  static constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15;
  std::uint64_t highs() const noexcept { return highs_; }
  std::uint64_t lows() const noexcept { return lows_; }
  const std::array<std::uint64_t, kRounds>& keys() const noexcept { return keys_; }
  /// All rounds: a value that may not be below size(), and is then to be encrypted again.
  std::uint64_t encrypt(std::uint64_t value) const noexcept;
  /// Likewise of the inverse.
  std::uint64_t decrypt(std::uint64_t value) const noexcept;

  /// Whether both are the same function, made from the same key.
  friend bool operator==(const Permutation&, const Permutation&) = default;

 private:
  std::uint64_t size_;
  std::uint64_t highs_;  ///< number of values of the high half
  std::uint64_t lows_;   ///< and of the low half
  std::array<std::uint64_t, kRounds> keys_;
};

}  // namespace nnrec
