#include "nnrec/serve/item_scores.hpp"

#include <algorithm>

namespace nnrec::serve {
namespace {

constexpr std::size_t kPieceItems = 64 * models::kTileRows;

}  // namespace

ItemScores::ItemScores(const Model& model, const TrainingFacts& facts,
                       const math::ThreadTeam& team) {
  for (int thread = 0; thread < team.size(); ++thread)
    threads_.push_back(std::make_unique<Thread>(model, facts));
}

void ItemScores::score(std::uint32_t user, std::int64_t time, std::size_t thread,
                       std::span<float> of_items) {
  Thread& own = *threads_[thread];
  for (std::size_t first = 0; first < of_items.size(); first += kPieceItems) {
    const std::size_t count = std::min(kPieceItems, of_items.size() - first);
    own.pairs.clear();
    for (std::size_t i = 0; i < count; ++i)
      own.pairs.push_back({user, static_cast<std::uint32_t>(first + i), time});
    own.exposures.resize(count);
    own.answers.answer(own.pairs, of_items.subspan(first, count), own.exposures);
  }
}

}  // namespace nnrec::serve
