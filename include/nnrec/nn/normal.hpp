#pragma once

#include <cstdint>

#include "nnrec/base/random.hpp"

namespace nnrec::nn {

/// Element `index` of a sequence of independent standard normal numbers, up to 8.6 in size. The
/// same bits with every libm.
/// Source: Box and Muller 1958, "A note on the generation of random normal deviates".
double standard_normal(const CounterRandom& random, std::uint64_t index);

/// ln(x) for normal x > 0, within 4e-16 of it or of 1, from IEEE 754 operations only.
double natural_logarithm(double x);

}  // namespace nnrec::nn
