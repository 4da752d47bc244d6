#pragma once

#include <vector>

#include "nnrec/nn/update_rules.hpp"

namespace nnrec::testing {

/// All rows of a block with this gradient, as an optimiser receives them.
inline nn::RowsToUpdate whole_block(const nn::UpdateRules& rules, std::size_t block,
                                    nn::ParameterSet& parameters, nn::ParameterSet& state,
                                    const std::vector<float>& gradient) {
  nn::RowsToUpdate rows;
  rows.parameters = parameters.values(block).data();
  rows.gradient = gradient.data();
  rows.count = parameters.layout()[block].rows;
  rows.cols = parameters.layout()[block].cols;
  for (std::size_t slot = 0; slot < rules.slot_count(block); ++slot) {
    rows.state.at(slot) = state.values(rules.first_slot(block) + slot).data();
  }
  return rows;
}

}  // namespace nnrec::testing
