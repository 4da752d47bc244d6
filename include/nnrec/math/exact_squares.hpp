#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace nnrec::math {

/// The sum of squares of fixed-point sums, exact in 128 bits: one value for any order and any
/// partition over threads.
class ExactSquares {
 public:
  /// As words that may themselves be added over parts (up to 2^30 of them).
  static constexpr std::size_t kWords = 5;
  using Words = std::array<std::int64_t, kWords>;

  ExactSquares() = default;
  explicit ExactSquares(const Words& words) noexcept;
  Words words() const noexcept;

  void add(std::span<const std::int64_t> sums) noexcept;
  void add(const ExactSquares& other) noexcept;
  /// The root in units of GradientFixed; infinity where the squares do not fit, which needs a root
  /// of 1.7e10 at least.
  double root() const noexcept;

 private:
  __extension__ using Wide = unsigned __int128;
  void add(Wide square) noexcept;

  Wide sum_ = 0;
  bool overflowed_ = false;
};

}  // namespace nnrec::math
