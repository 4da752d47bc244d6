#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/evaluated_rows.hpp"
#include "nnrec/serve/ranking.hpp"
#include "nnrec/serve/seen_items.hpp"
#include "nnrec/serve/table.hpp"

namespace nnrec::app {

/// What is asked of rankings.
struct RankingRule {
  std::size_t top = 10;
  std::optional<double> liked_from;  ///< rating from which an item is relevant; nothing: any
  std::size_t most_users = 0;        ///< of more, so many are drawn
  std::int64_t time = 0;             ///< of the scores
};

/// The users that are ranked, and who is not.
struct RankedUsers {
  std::vector<serve::RankedUser> users;
  std::uint64_t left_out = 0;                 ///< drawn out: more than RankingRule::most_users
  std::vector<std::string> without_relevant;  ///< ids: no relevant item that is a candidate
  std::uint64_t unknown = 0;                  ///< not in the model's catalogue
  std::uint64_t seen = 0;  ///< relevant rows that were left out: their pair was seen before
};

/// `seen` outlives the result.
RankedUsers choose_users(const serve::EvaluatedRows& rows, const shards::ShardSet& set,
                         const serve::SeenItems& seen, const RankingRule& rule);

/// Ranked are the models, the items by training ratings, and a constant: what chance gets.
std::vector<serve::Table> ranking_tables(const RankedUsers& ranked,
                                         const std::vector<const serve::Model*>& models,
                                         const std::vector<std::string>& names,
                                         const serve::TrainingFacts& facts, const RankingRule& rule,
                                         const math::ThreadTeam& team);

}  // namespace nnrec::app
