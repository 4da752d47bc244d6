#include "nnrec/train/baselines.hpp"

#include <cmath>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::OwnedColumns;
using testing::TinyTraining;

OwnedColumns rows_of(std::initializer_list<std::tuple<std::uint32_t, std::uint32_t, float>> rows) {
  OwnedColumns columns;
  for (const auto& [user, item, rating] : rows) {
    columns.user.push_back(user);
    columns.item.push_back(item);
    columns.rating.push_back(rating);
    columns.timestamp.push_back(0);
  }
  return columns;
}

/// Three users and items with few ratings, so that everything can be computed by hand.
struct ByHand {
  ByHand() {
    manifest.user_count = manifest.item_count = manifest.title_count = 13;
    manifest.rating_min = 1;
    manifest.rating_max = 5;
    manifest.train_rating_mean = 3;
  }
  TinyTraining tiny{"basic"};
  shards::Manifest manifest;
  OwnedColumns training = rows_of({{0, 0, 5}, {0, 1, 4}, {1, 0, 2}, {1, 1, 1}, {2, 1, 3}});
};

TEST(Baselines, AreAsComputedByHand) {
  ByHand hand;
  // Means: users 4.5, 1.5, 3; items 3.5, 8/3. Item 2 and user 3 are new.
  const OwnedColumns test = rows_of({{2, 0, 4}, {0, 2, 5}, {3, 1, 3}, {3, 2, 1}});
  const double of_pair = 3 + 3.5 - 3;
  const double new_user = 8.0 / 3;
  const double squares = std::pow(of_pair - 4, 2) + std::pow(4.5 - 5, 2) +
                         std::pow(new_user - 3, 2) + std::pow(3.0 - 1, 2);
  std::optional<Baselines> reference;
  for (const int size : {1, 2, 3, 4, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(2);
      NodeRows training(hand.training.view());
      NodeRows rows(test.view());
      const TrainingTally tally(ranks, team, training, hand.tiny.features, hand.manifest);
      EXPECT_EQ(user_item_mean(tally, 2, 0), of_pair);
      EXPECT_EQ(user_item_mean(tally, 0, 2), 4.5) << "without the item's ratings the user's mean";
      EXPECT_NEAR(user_item_mean(tally, 3, 1), new_user, 1e-12);
      EXPECT_EQ(user_item_mean(tally, 3, 2), 3);
      const auto baselines = evaluate_baselines(ranks, team, rows, {std::nullopt, &tally});
      EXPECT_NEAR(baselines.training_mean.rmse(), 1.5, 1e-6) << "(1 + 4 + 0 + 4) / 4";
      EXPECT_NEAR(baselines.user_item_means.rmse(), std::sqrt(squares / 4), 1e-5);
      EXPECT_EQ(baselines.user_item_means.warm.rows, 1);
      EXPECT_NEAR(baselines.user_item_means.warm.rmse(), 0.5, 1e-6);
      if (ranks.rank() != 0) return;
      if (!reference) reference = baselines;
      EXPECT_EQ(baselines.user_item_means.squared.sum, reference->user_item_means.squared.sum);
      EXPECT_EQ(baselines.training_mean.warm.sum, reference->training_mean.warm.sum);
    });
  }
}

TEST(Baselines, OfNoRowsAreNone) {
  ByHand hand;
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  NodeRows training(hand.training.view());
  NodeRows none{shards::RatingColumns{}};
  const TrainingTally tally(self, team, training, hand.tiny.features, hand.manifest);
  const auto baselines = evaluate_baselines(self, team, none, {std::nullopt, &tally});
  EXPECT_EQ(baselines.training_mean.squared.rows, 0);
  EXPECT_TRUE(std::isnan(baselines.user_item_means.rmse()));
}

}  // namespace
}  // namespace nnrec::train
