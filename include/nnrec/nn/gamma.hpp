#pragma once

#include <cstdint>

#include "nnrec/base/random.hpp"

namespace nnrec::nn {

/// Draw `index` (below 2^56) of a sequence of independent numbers of the gamma distribution of this
/// shape (at least 1) and of rate 1. The same bits with every libm.
/// Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".
double gamma_draw(const CounterRandom& random, std::uint64_t index, double shape);

}  // namespace nnrec::nn
