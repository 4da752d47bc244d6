#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrec::train {

// Sums are 64-bit integers of which most have zeros or ones in their upper half, and many are 0:
// units of a layer that a row's ratings left at rest. Rows of sums cross between nodes in the least
// bytes that hold every number of the row, and without zeros where that is shorter; nothing is
// lost. Where sums are multiples of 2^shift (sum_grid.hpp) they cross without the zeros at their
// end. Little-endian, as all processors that are built for.

/// How a row is packed: [which numbers are not 0, a bit each | these numbers], or all of them.
struct RowPacking {
  std::uint16_t width : 4;     ///< bytes a number, 1 to 8
  std::uint16_t numbers : 12;  ///< that are not 0; kAll: all are there

  static constexpr std::uint16_t kAll = 0xfff;
  std::size_t bytes(std::size_t cols) const noexcept {
    return numbers == kAll ? cols * width : (cols + 7) / 8 + std::size_t{numbers} * width;
  }
};
/// The shortest for these two's complement numbers / 2^shift.
RowPacking packing_of(std::span<const std::int64_t> sums, unsigned shift = 0) noexcept;
/// Writes packing.bytes() bytes.
void pack(std::span<const std::int64_t> sums, RowPacking packing, std::byte* to,
          unsigned shift = 0) noexcept;
/// Adds what pack() wrote to `sums`. May read kPackedSlack bytes beyond.
void add_packed(const std::byte* from, RowPacking packing, std::span<std::int64_t> sums,
                unsigned shift = 0) noexcept;

inline constexpr std::size_t kPackedSlack = 7;

// Two sums in one word, upper half and lower: words add up as their halves do, as long as the sums
// of the halves are within 32 bits.

/// Numbers / 2^shift; a last one that is alone has 0 beside it. Returns what no |number| /
/// 2^shift is above, at most twice the largest + 1.
std::uint64_t pack_pairs(std::span<const std::int64_t> sums, unsigned shift,
                         std::span<std::int64_t> words) noexcept;
/// Replaces what was there.
void unpack_pairs(std::span<const std::int64_t> words, unsigned shift,
                  std::span<std::int64_t> sums) noexcept;

}  // namespace nnrec::train
