#include "nnrec/train/prediction_sums.hpp"

#include <algorithm>

#include "nnrec/train/station.hpp"

namespace nnrec::train {

PredictionSums::PredictionSums(comm::Communicator& ranks, std::size_t rows)
    : sums_(node_array<std::int64_t>(ranks, rows)) {
  if (ranks.node_count() > 1) room_ = node_array<std::int64_t>(ranks, rows);
}

void PredictionSums::add(Range rows, std::span<const float> predictions) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sums_[rows.begin + i] += GradientFixed::from(static_cast<double>(predictions[i]));
  }
}

void PredictionSums::complete(comm::Communicator& ranks) {
  ranks.node_barrier();
  if (room_.empty() || is_complete_) return;
  const auto copy_own = [&](std::span<const std::int64_t> from, std::span<std::int64_t> to) {
    for (const Range& rows : own_) {
      std::ranges::copy(from.subspan(rows.begin, rows.size()), to.subspan(rows.begin).begin());
    }
  };
  const Range share = share_of(sums_.size(), ranks.node_rank(), ranks.node_size());
  std::ranges::fill(room_.subspan(share.begin, share.size()), 0);
  ranks.node_barrier();
  copy_own(sums_, room_);
  ranks.node_barrier();
  ranks.sum_over_nodes(room_);
  std::ranges::copy(room_.subspan(share.begin, share.size()), sums_.subspan(share.begin).begin());
  ranks.node_barrier();
  is_complete_ = true;
}

}  // namespace nnrec::train
