#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nnrec {

/// A sum of 64-bit integers in 128 bits: adding wraps for no number of contributions that a program
/// lives to make.
class WideSum {
 public:
  /// The sum as words that may themselves be added over ranks (up to 2^20 of them) without
  /// wrapping: the words of the whole are the sums of the parts' words.
  static constexpr std::size_t kWords = 3;
  using Words = std::array<std::int64_t, kWords>;

  WideSum() = default;
  explicit WideSum(const Words& words) noexcept;

  WideSum& operator+=(std::int64_t value) noexcept {
    value_ += value;
    return *this;
  }
  WideSum& operator+=(const WideSum& other) noexcept {
    value_ += other.value_;
    return *this;
  }
  friend bool operator==(const WideSum&, const WideSum&) = default;

  Words words() const noexcept;
  double to_double() const noexcept { return static_cast<double>(value_); }

 private:
  __extension__ using Value = __int128;
  __extension__ using Unsigned = unsigned __int128;
  Value value_ = 0;
};

}  // namespace nnrec
