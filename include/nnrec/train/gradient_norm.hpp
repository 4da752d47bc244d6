#pragma once

#include <cstdint>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// Length of the summed gradient as one vector, over all dense blocks and rows. From exact sums of
/// exact squares: the same bits on any number of ranks and threads. Infinite where it is beyond
/// the range of math::ExactSquares. Not collective.
double gradient_norm(const SummedGradient<std::int64_t>& gradient, const math::ThreadTeam& team);

}  // namespace nnrec::train
