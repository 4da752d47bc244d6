#pragma once

#include <vector>

#include "nnrec/models/network.hpp"

namespace nnrec::models {

/// concat( parts ) -> Dense relu for each of `units` -> Dense 1, the rating. The layers are named
/// dense1, dense2 and so on; `dropout` is that of their inputs.
Value hidden_layers(Network& net, const std::vector<Value>& parts,
                    const std::vector<std::size_t>& units, const std::vector<float>& dropout);

}  // namespace nnrec::models
