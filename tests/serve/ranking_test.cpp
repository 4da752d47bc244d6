#include "nnrec/serve/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace nnrec::serve {
namespace {

/// Item 0 first, the last item last.
void falling(std::uint32_t, std::size_t, std::span<float> scores) {
  for (std::size_t item = 0; item < scores.size(); ++item) scores[item] = -static_cast<float>(item);
}

void constant(std::uint32_t, std::size_t, std::span<float> scores) {
  std::ranges::fill(scores, 3.5F);
}

RankingMetrics rank_one(const RankedUser& user, std::size_t items, std::size_t top) {
  return rank_catalogue(std::span(&user, 1), falling, {items, top}, math::ThreadTeam(1)).users[0];
}

TEST(Ranking, MetricsAreThoseComputedByHand) {
  // Without items 1 and 2 the order is 0 3 4 5 6 7; relevant are places 2, 4 and 6 of it.
  const std::vector<std::uint32_t> seen{1, 2};
  const RankingMetrics metrics = rank_one({0, seen, {3, 5, 7}}, 8, 4);
  const auto at = [](double place) { return 1 / std::log2(place + 1); };
  EXPECT_EQ(metrics.hit, 1);
  EXPECT_DOUBLE_EQ(metrics.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.ndcg, (at(2) + at(4)) / (at(1) + at(2) + at(3)));
  EXPECT_DOUBLE_EQ(metrics.average_precision, (1.0 / 2 + 2.0 / 4) / 3);
  EXPECT_DOUBLE_EQ(metrics.reciprocal_rank, 1.0 / 2);
}

TEST(Ranking, ListsMayBeLongerThanTheCatalogue) {
  const RankingMetrics metrics = rank_one({0, {}, {0, 1, 2}}, 3, 100);
  EXPECT_DOUBLE_EQ(metrics.recall, 1);
  EXPECT_DOUBLE_EQ(metrics.ndcg, 1);
  EXPECT_DOUBLE_EQ(metrics.average_precision, 1);
}

TEST(Ranking, WhatTheCatalogueLacksIsNeverFoundButCounts) {
  const RankingMetrics metrics = rank_one({0, {}, {0}, 3}, 5, 2);
  EXPECT_DOUBLE_EQ(metrics.recall, 1.0 / 4);
  EXPECT_DOUBLE_EQ(rank_one({0, {}, {}, 1}, 5, 2).reciprocal_rank, 0);
}

TEST(Ranking, SeenItemsAreInNoList) {
  std::vector<std::uint32_t> seen(9);
  std::iota(seen.begin(), seen.end(), 0U);
  const RankedUser user{0, seen, {11}};
  const Ranking ranking =
      rank_catalogue(std::span(&user, 1), falling, {12, 2}, math::ThreadTeam(1));
  for (std::size_t item = 0; item < 12; ++item)
    EXPECT_EQ(ranking.listed[item], item == 9 || item == 10 ? 1U : 0U) << item;
}

// G03: a constant model at K = 2 over 5 items finds one relevant item by chance: 2 of 5.
TEST(Ranking, G03AConstantModelGetsChanceLevelWhereverTheRelevantItemStands) {
  constexpr std::uint32_t kUsers = 20000;
  for (const std::uint32_t relevant : {0U, 4U}) {
    std::vector<RankedUser> users;
    for (std::uint32_t user = 0; user < kUsers; ++user) users.push_back({user, {}, {relevant}});
    const Ranking ranking = rank_catalogue(users, constant, {5, 2}, math::ThreadTeam(2));
    double hits = 0;
    double reciprocal = 0;
    for (const RankingMetrics& user : ranking.users) {
      hits += user.hit;
      reciprocal += user.reciprocal_rank;
    }
    // Five standard errors of 0.4: 0.017. Mean of 1, 1/2, 1/3, 1/4, 1/5: 0.4567.
    EXPECT_NEAR(hits / kUsers, 0.4, 0.017);
    EXPECT_NEAR(reciprocal / kUsers, 0.45667, 0.011);
  }
}

TEST(Ranking, IsTheSameForAnyNumberOfThreads) {
  std::vector<RankedUser> users;
  for (std::uint32_t user = 0; user < 50; ++user) users.push_back({user, {}, {user % 7, 8}});
  const auto bits = [&](int threads) {
    const Ranking ranking = rank_catalogue(users, constant, {9, 3}, math::ThreadTeam(threads));
    std::vector<double> values(ranking.listed.begin(), ranking.listed.end());
    for (const auto& user : ranking.users) values.push_back(user.ndcg + user.reciprocal_rank);
    return values;
  };
  EXPECT_EQ(bits(1), bits(4));
}

}  // namespace
}  // namespace nnrec::serve
