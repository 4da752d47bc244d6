#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nnrec/math/thread_team.hpp"

namespace nnrec::serve {

/// What is ranked for one user, by dense item indices, both rising.
struct RankedUser {
  std::uint32_t user = 0;
  std::span<const std::uint32_t> excluded;  ///< no candidates
  std::vector<std::uint32_t> relevant;      ///< candidates that should come first
  /// Relevant ones that the catalogue does not have: never found. With the others at least one.
  std::size_t unknown = 0;
};

/// Metrics of one user's ranking of the whole catalogue, with binary relevance.
/// Sources: Järvelin and Kekäläinen 2002 (NDCG: divided by that of the best possible list);
/// average precision is divided by the smaller of K and the number of relevant items.
struct RankingMetrics {
  double hit = 0;     ///< 1 where a relevant item is among the first K
  double recall = 0;  ///< share of relevant items among the first K
  double ndcg = 0;
  double average_precision = 0;
  double reciprocal_rank = 0;  ///< of the first relevant item, in the whole catalogue
};

struct Ranking {
  std::vector<RankingMetrics> users;
  std::vector<std::uint64_t> listed;  ///< by item: in how many lists of K it stands
};

/// Fills scores of all items for a user; thread in [0, team.size()).
using ScoreItems = std::function<void(std::uint32_t user, std::size_t thread, std::span<float>)>;

struct RankingOptions {
  std::size_t items = 0;  ///< of the catalogue
  std::size_t top = 10;   ///< K
};

/// Ranks by falling score. Equal scores come in a random order, a function of user and item: a
/// model that says the same of all items gets what chance gives.
Ranking rank_catalogue(std::span<const RankedUser> users, const ScoreItems& score,
                       const RankingOptions& options, const math::ThreadTeam& team);

}  // namespace nnrec::serve
