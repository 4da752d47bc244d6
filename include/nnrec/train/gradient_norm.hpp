#pragma once

#include <cstdint>
#include <span>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/train/station.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// The Euclidean norm of a summed gradient as one vector, in units of its elements: the same bits
/// for any number of threads, ranks and nodes. Each rank squares its share.
class GradientNorm {
 public:
  /// Collective. The arguments outlive it.
  GradientNorm(comm::Communicator& ranks, const Station& station, const math::ThreadTeam& team);

  /// `gradient`: dense blocks, and the rows that the node keeps. Collective. Infinity where the
  /// squares do not fit.
  double of(const SummedGradient<std::int64_t>& gradient);

 private:
  comm::Communicator& ranks_;
  const Station& station_;
  const math::ThreadTeam& team_;
  std::span<std::int64_t> words_;  ///< of each rank of the node, then of the whole
};

}  // namespace nnrec::train
