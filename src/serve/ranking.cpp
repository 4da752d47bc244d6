#include "nnrec/serve/ranking.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/random.hpp"

namespace nnrec::serve {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Which of two items comes first for one user.
class Order {
 public:
  Order(std::uint32_t user, std::span<const float> scores)
      : random_(kSeed, Purpose::rank_ties, user), scores_(scores) {}

  bool operator()(std::uint32_t a, std::uint32_t b) const {
    if (scores_[a] != scores_[b]) return scores_[a] > scores_[b];
    const std::uint64_t of_a = random_.bits(a);
    const std::uint64_t of_b = random_.bits(b);
    return of_a != of_b ? of_a < of_b : a < b;
  }

 private:
  CounterRandom random_;
  std::span<const float> scores_;
};

std::vector<std::uint32_t> candidates_of(const RankedUser& user, std::size_t items) {
  std::vector<std::uint32_t> candidates;
  auto excluded = user.excluded.begin();
  for (std::uint32_t item = 0; item < items; ++item) {
    if (excluded != user.excluded.end() && *excluded == item) {
      ++excluded;
    } else {
      candidates.push_back(item);
    }
  }
  return candidates;
}

double discount(std::size_t position) {
  return 1.0 / std::log2(static_cast<double>(position) + 2.0);
}

RankingMetrics measure(const RankedUser& user, std::span<const std::uint32_t> list,
                       std::size_t top) {
  RankingMetrics metrics;
  const std::size_t relevant = user.relevant.size() + user.unknown;
  double found = 0;
  for (std::size_t position = 0; position < list.size(); ++position) {
    if (!std::ranges::binary_search(user.relevant, list[position])) continue;
    ++found;
    metrics.ndcg += discount(position);
    metrics.average_precision += found / static_cast<double>(position + 1);
  }
  const std::size_t most = std::min(top, relevant);
  double best = 0;
  for (std::size_t position = 0; position < most; ++position) best += discount(position);
  metrics.hit = found > 0 ? 1 : 0;
  metrics.recall = found / static_cast<double>(relevant);
  metrics.ndcg /= best;
  metrics.average_precision /= static_cast<double>(most);
  return metrics;
}

double reciprocal_rank(const RankedUser& user, std::span<const std::uint32_t> candidates,
                       const Order& order) {
  if (user.relevant.empty()) return 0;
  const std::uint32_t first = *std::ranges::min_element(user.relevant, order);
  const auto before =
      std::ranges::count_if(candidates, [&](std::uint32_t item) { return order(item, first); });
  return 1.0 / static_cast<double>(before + 1);
}

}  // namespace

Ranking rank_catalogue(std::span<const RankedUser> users, const ScoreItems& score,
                       const RankingOptions& options, const math::ThreadTeam& team) {
  Ranking ranking;
  ranking.users.resize(users.size());
  std::vector<std::vector<std::uint64_t>> listed(static_cast<std::size_t>(team.size()),
                                                 std::vector<std::uint64_t>(options.items, 0));
  team.for_each(users.size(), [&](std::size_t index, std::size_t thread) {
    const RankedUser& user = users[index];
    std::vector<float> scores(options.items);
    score(user.user, thread, scores);
    const Order order(user.user, scores);
    auto candidates = candidates_of(user, options.items);
    const std::size_t top = std::min(options.top, candidates.size());
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(top);
    std::partial_sort(candidates.begin(), end, candidates.end(), order);
    const auto list = std::span<const std::uint32_t>(candidates).first(top);
    ranking.users[index] = measure(user, list, options.top);
    ranking.users[index].reciprocal_rank = reciprocal_rank(user, candidates, order);
    for (const std::uint32_t item : list) ++listed[thread][item];
  });
  ranking.listed.assign(options.items, 0);
  for (const auto& part : listed) {
    for (std::size_t item = 0; item < options.items; ++item) ranking.listed[item] += part[item];
  }
  return ranking;
}

}  // namespace nnrec::serve
