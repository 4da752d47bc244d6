#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/models/network.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// Penalties of the loss on rows, (p + c n) |row|^2 / N of each: p and c of its group, n the
/// training ratings that look the row up, N all of them. A row of a table moves only in the steps
/// that touch it, so what an epoch owes a row is shared out to the steps that are expected to:
///   gradient in a step that touches it = 2 (p + c n) / N / q * row,  q = 1 - (1 - B / N)^n
/// with steps of B ratings; q is the part of steps that touch it. Where all rows move in every step
/// q is 1, as for a dense block, which has n = N.
/// A function of counts: the same bits on any number of ranks and threads, and with every libm.
class RowPenalties {
 public:
  /// None.
  RowPenalties() = default;
  RowPenalties(const models::Network& network, const nn::UpdateRules& rules,
               const TrainingTally& tally, std::uint64_t step_rows);

  /// What each row is multiplied by in a step that touches it; empty: the block has no penalty.
  std::span<const float> of(std::size_t block) const {
    return block < factors_.size() ? std::span<const float>(factors_[block])
                                   : std::span<const float>();
  }

 private:
  std::vector<std::vector<float>> factors_;  ///< (blocks, rows)
};

}  // namespace nnrec::train
