#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrec::train {

// Of --exchange-bits 32: what ratings give to the rows of a table is rounded, each for itself and
// before it is added, to a grid of 2^shift units of GradientFixed. So all sums, of a thread, a node
// or the world, are exact multiples of the grid's unit, and cross between nodes without the bits
// below it. A table's grid is that of the largest |value| that a rating gave in the step before:
// the same in whatever parts the ratings are summed. That a sum is too wide for 32 bits decides no
// bit: it crosses in more.

/// The largest value of the step before is below 2^kGridBits units of the grid: 2^(31 - kGridBits)
/// of its size fit into a sum of 32 bits.
inline constexpr unsigned kGridBits = 16;
/// Of the largest values that can be summed at all, below 2^32.
inline constexpr unsigned kMostShift = 62 - kGridBits;

/// The grid for values of up to this size, at least GradientFixed's own. Requires: finite, >= 0.
std::int64_t grid_shift(float largest);

/// A shift of each node as numbers whose sums over nodes, fewer than 65,536, tell the largest: how
/// many nodes have which, 16 bits each.
inline constexpr std::size_t kGridWords = (kMostShift + 4) / 4;
using GridWords = std::span<std::int64_t, kGridWords>;
void write_shift(std::int64_t shift, GridWords words);
std::int64_t largest_shift(std::span<const std::int64_t, kGridWords> sums);

}  // namespace nnrec::train
