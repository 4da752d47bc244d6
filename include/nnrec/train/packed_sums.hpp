#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrec::train {

// Sums are 64-bit integers of which most have zeros or ones in their upper half: rows of sums cross
// between nodes in the least bytes that hold every number of the row, and nothing is lost. Where
// sums are multiples of 2^shift (sum_grid.hpp) they cross without the zeros at their end.
// Little-endian, as all processors that are built for.

/// The least bytes (1 to 8) that hold every one of these two's complement numbers / 2^shift.
std::uint8_t packed_width(std::span<const std::int64_t> sums, unsigned shift = 0) noexcept;
/// Writes them, `width` bytes each.
void pack(std::span<const std::int64_t> sums, std::uint8_t width, std::byte* to,
          unsigned shift = 0) noexcept;
/// Adds what pack() wrote to `sums`. May read kPackedSlack bytes beyond.
void add_packed(const std::byte* from, std::uint8_t width, std::span<std::int64_t> sums,
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
