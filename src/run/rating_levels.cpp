#include "rating_levels.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/nn/ordinal.hpp"
#include "nnrec/serve/part_rows.hpp"

namespace nnrec::run {

using nn::Ordinal;

std::vector<float> read_rating_levels(const shards::ShardSet& set, const math::ThreadTeam& team) {
  std::vector<float> levels;
  const auto add = [&](float rating) {
    const auto place = std::ranges::lower_bound(levels, rating);
    if (place != levels.end() && *place == rating) return;
    levels.insert(place, rating);
    if (levels.size() <= Ordinal::kMostLevels) return;
    throw InputError(
        "{}: the training ratings have more than {} values ({:g}, {:g}, {:g}, ... {:g}): "
        "--likelihood ordinal is of ratings on a few levels, as 1, 2, 3, 4, 5. Train with "
        "--likelihood gaussian, or round the ratings and prepare the set again.",
        set.folder().string(), Ordinal::kMostLevels, levels[0], levels[1], levels[2],
        levels.back());
  };
  serve::visit_part(set, shards::Part::train, team, [&](const shards::RatingColumns& rows) {
    for (const float rating : rows.rating) add(rating);
  });
  if (levels.size() >= 2) return levels;
  throw InputError(
      "{}: all training ratings are {:g}: --likelihood ordinal is of ratings on 2 levels or more",
      set.folder().string(), levels.front());
}

std::vector<float> share_rating_levels(comm::Communicator& ranks, const math::ThreadTeam& team,
                                       const shards::ShardSet& set) {
  std::vector<float> levels;
  comm::agree(ranks, [&] {
    if (ranks.rank() == 0) levels = read_rating_levels(set, team);
  });
  std::array<std::int64_t, 1> count{std::ssize(levels)};
  ranks.maximum(count);
  levels.resize(static_cast<std::size_t>(count[0]));
  ranks.broadcast(std::as_writable_bytes(std::span(levels)), 0);
  return levels;
}

}  // namespace nnrec::run
