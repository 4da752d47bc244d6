#pragma once

#include <vector>

#include "nnrec/models/network.hpp"

namespace nnrec::models {

/// x -> Dense relu for each of `units`, dropout behind the first -> Dense 1, the rating. The layers
/// are named dense1, dense2 and so on.
Value hidden_layers(Network& net, Value x, const std::vector<std::size_t>& units,
                    float dropout = 0.0F);

}  // namespace nnrec::models
