#include "nnrec/train/gradient_norm.hpp"

#include "nnrec/base/range.hpp"
#include "nnrec/math/exact_squares.hpp"

namespace nnrec::train {

double gradient_norm(const SummedGradient<std::int64_t>& gradient, const math::ThreadTeam& team) {
  std::vector<math::ExactSquares> shares(static_cast<std::size_t>(team.size()));
  team.for_each(shares.size(), [&](std::size_t share, std::size_t) {
    const auto add = [&](std::span<const std::int64_t> sums) {
      const Range own = share_of(sums.size(), static_cast<int>(share), team.size());
      shares[share].add(sums.subspan(own.begin, own.size()));
    };
    add(gradient.dense);
    for (const auto& table : gradient.tables) add(table.elements());
  });
  math::ExactSquares all;
  for (const math::ExactSquares& share : shares) all.add(share);
  return all.root();
}

}  // namespace nnrec::train
