#pragma once

#include <cstdint>
#include <span>

#include "nnrec/base/random.hpp"

namespace nnrec::math {

/// Writes elements [first, first + out.size()) of a sequence of independent standard normal
/// numbers, up to 5.8 in size: element e is a function of (random, e) alone. In float and in
/// vectors: for noise, of which a step needs one a parameter.
/// The same bits on every processor and with every libm. Requires: first and out.size() are
/// multiples of 4, and first / 4 does not cross a multiple of 2^32 on the way.
/// Source: Box and Muller 1958, "A note on the generation of random normal deviates".
void standard_normals(const CounterRandom& random, std::uint64_t first, std::span<float> out);

}  // namespace nnrec::math
