#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/parameters.hpp"

namespace nnrec::train {

/// Copies this rank's share of `from`, of those of its node; node_barrier orders it.
template <typename T>
void copy_share(const comm::Communicator& ranks, const math::ThreadTeam& team,
                std::span<const T> from, std::span<T> to) {
  constexpr std::size_t kPiece = 1 << 18;
  const std::size_t pieces = (from.size() + kPiece - 1) / kPiece;
  const Range own = share_of(pieces, ranks.node_rank(), ranks.node_size());
  team.for_each(own.size(), [&](std::size_t piece, std::size_t) {
    const std::size_t begin = (own.begin + piece) * kPiece;
    std::ranges::copy(from.subspan(begin, std::min(kPiece, from.size() - begin)),
                      to.subspan(begin).begin());
  });
}

inline void copy_share(const comm::Communicator& ranks, const math::ThreadTeam& team,
                       const nn::ParameterSet& from, nn::ParameterSet& to) {
  for (std::size_t block = 0; block < from.layout().blocks().size(); ++block)
    copy_share(ranks, team, from.values(block), to.values(block));
}

}  // namespace nnrec::train
