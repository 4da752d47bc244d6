#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrec::train {

// Sums are 64-bit integers of which most have zeros or ones in their upper half: rows of sums cross
// between nodes in the least bytes that hold every number of the row, and nothing is lost.
// Little-endian, as all processors that are built for.

/// The least bytes (1 to 8) that hold every one of these two's complement numbers.
std::uint8_t packed_width(std::span<const std::int64_t> sums) noexcept;
/// Writes them, `width` bytes each.
void pack(std::span<const std::int64_t> sums, std::uint8_t width, std::byte* to) noexcept;
/// Adds what pack() wrote to `sums`. May read kPackedSlack bytes beyond.
void add_packed(const std::byte* from, std::uint8_t width, std::span<std::int64_t> sums) noexcept;

inline constexpr std::size_t kPackedSlack = 7;

}  // namespace nnrec::train
