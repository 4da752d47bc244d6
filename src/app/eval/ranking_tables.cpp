#include "ranking_tables.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "nnrec/base/permutation.hpp"
#include "nnrec/serve/bootstrap.hpp"
#include "nnrec/serve/error_tables.hpp"
#include "nnrec/serve/item_scores.hpp"

namespace nnrec::app {
namespace {

using serve::Cell;
using serve::difference_cells;
using serve::RankedUser;
using serve::RankingMetrics;
using serve::Table;

/// The rows of each user, in their order.
std::vector<std::vector<std::uint32_t>> rows_by_user(const serve::EvaluatedRows& rows) {
  std::vector<std::vector<std::uint32_t>> lists(rows.user_indices.size());
  for (std::size_t row = 0; row < rows.users.size(); ++row)
    lists[rows.users[row]].push_back(static_cast<std::uint32_t>(row));
  return lists;
}

void add_row(const serve::EvaluatedRows& rows, std::uint32_t row, const serve::SeenItems& seen,
             RankedUser& user, std::uint64_t& seen_rows) {
  const std::uint32_t item = rows.pairs[row].item;
  if (item == serve::kUnknown) {
    ++user.unknown;
  } else if (seen.has(user.user, item)) {
    ++seen_rows;
  } else {
    user.relevant.push_back(item);
  }
}

/// The mean of one metric over users, as draws are made of.
serve::UserRatio ratio_of(const serve::Ranking& ranking, double RankingMetrics::*metric) {
  serve::UserRatio ratio;
  for (const RankingMetrics& user : ranking.users) ratio.sums.push_back(user.*metric);
  ratio.weights.assign(ratio.sums.size(), 1.0);
  return ratio;
}

double coverage(const serve::Ranking& ranking) {
  const auto shown = std::ranges::count_if(ranking.listed, [](auto count) { return count > 0; });
  return static_cast<double>(shown) / static_cast<double>(ranking.listed.size());
}

/// Mean of -log2 of the share of training users who rated a listed item; of one rating where there
/// is none.
/// Source: Vargas and Castells 2011, "Rank and relevance in novelty and diversity metrics".
double novelty(const serve::Ranking& ranking, const serve::TrainingFacts& facts) {
  const auto users = std::ranges::count_if(facts.users.rows, [](auto count) { return count > 0; });
  double sum = 0;
  double lists = 0;
  for (std::size_t item = 0; item < ranking.listed.size(); ++item) {
    const auto listed = static_cast<double>(ranking.listed[item]);
    const auto rated = static_cast<double>(std::max<std::uint64_t>(facts.items.rows[item], 1));
    sum -= listed * std::log2(std::min(1.0, rated / static_cast<double>(users)));
    lists += listed;
  }
  return sum / lists;
}

std::vector<Cell> metric_cells(const serve::Ranking& ranking, const serve::TrainingFacts& facts,
                               const std::vector<double>& ndcg_draws) {
  const auto mean = [&](double RankingMetrics::*metric) {
    return ratio_of(ranking, metric).value();
  };
  const auto interval = serve::middle(ndcg_draws);
  return {mean(&RankingMetrics::hit),
          mean(&RankingMetrics::recall),
          mean(&RankingMetrics::ndcg),
          interval.low,
          interval.high,
          mean(&RankingMetrics::average_precision),
          mean(&RankingMetrics::reciprocal_rank),
          coverage(ranking),
          novelty(ranking, facts)};
}

/// Who ranks, by name.
struct Ranker {
  std::string name;
  serve::ScoreItems score;
};

std::vector<Ranker> rankers_of(const std::vector<const serve::Model*>& models,
                               const std::vector<std::string>& names,
                               const serve::TrainingFacts& facts, const RankingRule& rule,
                               const math::ThreadTeam& team) {
  std::vector<Ranker> rankers;
  for (std::size_t i = 0; i < models.size(); ++i) {
    auto scores = std::make_shared<serve::ItemScores>(*models[i], facts, team);
    rankers.push_back({names[i], [scores, time = rule.time](std::uint32_t user, std::size_t thread,
                                                            std::span<float> of_items) {
                         scores->score(user, time, thread, of_items);
                       }});
  }
  rankers.push_back({"most rated", [&facts](std::uint32_t, std::size_t, std::span<float> of_items) {
                       std::ranges::copy(facts.items.rows, of_items.begin());
                     }});
  rankers.push_back({"chance", [](std::uint32_t, std::size_t, std::span<float> of_items) {
                       std::ranges::fill(of_items, 0.0F);
                     }});
  return rankers;
}

}  // namespace

RankedUsers choose_users(const serve::EvaluatedRows& rows, const shards::ShardSet& set,
                         const serve::SeenItems& seen, const RankingRule& rule) {
  RankedUsers chosen;
  const auto lists = rows_by_user(rows);
  for (std::size_t index = 0; index < lists.size(); ++index) {
    RankedUser user;
    user.user = rows.pairs[lists[index].front()].user;
    if (user.user == serve::kUnknown) {
      ++chosen.unknown;
      continue;
    }
    user.excluded = seen.of(user.user);
    for (const std::uint32_t row : lists[index]) {
      const bool is_liked =
          !rule.liked_from || static_cast<double>(rows.ratings[row]) >= *rule.liked_from;
      if (is_liked) add_row(rows, row, seen, user, chosen.seen);
    }
    std::ranges::sort(user.relevant);
    const auto repeated = std::unique(user.relevant.begin(), user.relevant.end());
    user.relevant.erase(repeated, user.relevant.end());
    if (user.relevant.empty() && user.unknown == 0) {
      chosen.without_relevant.push_back(set.catalogue().user_ids[rows.user_indices[index]]);
    } else {
      chosen.users.push_back(std::move(user));
    }
  }
  if (chosen.users.size() <= rule.most_users) return chosen;
  constexpr std::uint64_t kSeed = 1;
  const Permutation order(chosen.users.size(), kSeed, Purpose::ranked_users, 0);
  std::vector<RankedUser> drawn;
  for (std::size_t i = 0; i < rule.most_users; ++i)
    drawn.push_back(std::move(chosen.users[order(i)]));
  chosen.left_out = chosen.users.size() - drawn.size();
  chosen.users = std::move(drawn);
  return chosen;
}

std::vector<Table> ranking_tables(const RankedUsers& ranked,
                                  const std::vector<const serve::Model*>& models,
                                  const std::vector<std::string>& names,
                                  const serve::TrainingFacts& facts, const RankingRule& rule,
                                  const math::ThreadTeam& team) {
  const std::string k = std::to_string(rule.top);
  Table table{"ranking",
              fmt::format("Ranking of the whole catalogue for {} users, what they have seen left "
                          "out (low, high: 95 % interval of NDCG, by users):",
                          ranked.users.size()),
              {"HR@" + k, "recall@" + k, "NDCG@" + k, "low", "high", "MAP@" + k, "MRR", "coverage",
               "novelty"},
              {}};
  Table differences{
      "ndcg_differences",
      fmt::format("NDCG@{} less that of another (95 % interval, paired by users):", k),
      {"difference", "low", "high"},
      {}};
  std::vector<double> first;
  double first_ndcg = 0;
  for (const Ranker& ranker : rankers_of(models, names, facts, rule, team)) {
    const auto ranking = serve::rank_catalogue(ranked.users, ranker.score,
                                               {facts.items.rows.size(), rule.top}, team);
    const auto ratio = ratio_of(ranking, &RankingMetrics::ndcg);
    const auto draws = serve::resample(ratio, team);
    table.rows.emplace_back(ranker.name, metric_cells(ranking, facts, draws));
    if (first.empty()) {
      first = draws;
      first_ndcg = ratio.value();
    } else {
      differences.rows.emplace_back(fmt::format("{} - {}", names.front(), ranker.name),
                                    difference_cells(first, draws, first_ndcg - ratio.value()));
    }
  }
  return {table, differences};
}

}  // namespace nnrec::app
