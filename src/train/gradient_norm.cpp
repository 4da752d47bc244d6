#include "nnrec/train/gradient_norm.hpp"

#include <algorithm>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/math/exact_squares.hpp"

namespace nnrec::train {

using math::ExactSquares;

GradientNorm::GradientNorm(comm::Communicator& ranks, const Station& station,
                           const math::ThreadTeam& team)
    : ranks_(ranks),
      station_(station),
      team_(team),
      words_(node_array<std::int64_t>(
          ranks, ExactSquares::kWords * (static_cast<std::size_t>(station.node_size) + 1))) {}

double GradientNorm::of(const SummedGradient<std::int64_t>& gradient) {
  const int shares = station_.node_size * team_.size();
  std::vector<ExactSquares> squares(static_cast<std::size_t>(team_.size()));
  team_.for_each(squares.size(), [&](std::size_t thread, std::size_t) {
    const int share = station_.node_rank * team_.size() + static_cast<int>(thread);
    const auto add = [&](std::span<const std::int64_t> sums) {
      const Range own = share_of(sums.size(), share, shares);
      squares[thread].add(sums.subspan(own.begin, own.size()));
    };
    if (station_.owners.node() == 0) add(gradient.dense);  // which every node has
    for (const auto& table : gradient.tables) add(table.elements());
  });
  ExactSquares own;
  for (const ExactSquares& part : squares) own.add(part);
  const auto words_of = [&](int place) {
    return words_.subspan(static_cast<std::size_t>(place) * ExactSquares::kWords)
        .first<ExactSquares::kWords>();
  };
  std::ranges::copy(own.words(), words_of(station_.node_rank).begin());
  ranks_.node_barrier();
  const auto whole = words_of(station_.node_size);
  if (station_.node_rank == 0) {
    ExactSquares node;
    for (int rank = 0; rank < station_.node_size; ++rank) {
      ExactSquares::Words words{};
      std::ranges::copy(words_of(rank), words.begin());
      node.add(ExactSquares(words));
    }
    std::ranges::copy(node.words(), whole.begin());
  }
  ranks_.node_barrier();
  if (station_.owners.count() > 1) ranks_.sum_over_nodes(whole);
  ExactSquares::Words words{};
  std::ranges::copy(whole, words.begin());
  return ExactSquares(words).root();
}

}  // namespace nnrec::train
