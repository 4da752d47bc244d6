#include "nnrec/train/training_tally.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/prepare/prepare.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

/// Of TinyTraining's ratings those of neither user 3 nor item 5 (nor, beside it, its title).
testing::OwnedColumns without_some(const testing::OwnedColumns& all) {
  testing::OwnedColumns kept;
  for (std::size_t row = 0; row < all.rating.size(); ++row) {
    if (all.user[row] == 3 || all.item[row] == 5) continue;
    kept.user.push_back(all.user[row]);
    kept.item.push_back(all.item[row]);
    kept.rating.push_back(all.rating[row]);
    kept.timestamp.push_back(all.timestamp[row]);
  }
  return kept;
}

TEST(TrainingTally, MeansAreThoseOfTheTrainingRatingsOnAnyNumberOfRanks) {
  const TinyTraining tiny("basic");
  const testing::OwnedColumns kept = without_some(tiny.training);
  double sum = 0;
  double count = 0;
  for (std::size_t row = 0; row < kept.rating.size(); ++row) {
    if (kept.user[row] != 7) continue;
    sum += static_cast<double>(kept.rating[row]);
    ++count;
  }
  for (const int size : {1, 2, 3, 4, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(2);
      NodeRows rows(kept.view());
      const TrainingTally tally(ranks, team, rows, tiny.features, tiny.set.manifest());
      EXPECT_FALSE(tally.has_user(3));
      EXPECT_FALSE(tally.has_item(5));
      EXPECT_TRUE(tally.has_user(7));
      EXPECT_DOUBLE_EQ(tally.user_mean(7), sum / count) << size;
    });
  }
}

TEST(TrainingTally, AMemoryLimitChangesNothing) {
  const TinyTraining tiny("basic");
  for (const int size : {1, 3}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows whole(ranks, team, tiny.set, shards::Part::train);
      NodeRows windows(ranks, team, tiny.set, shards::Part::train, 100);
      const auto& manifest = tiny.set.manifest();
      const TrainingTally one(ranks, team, whole, tiny.features, manifest);
      const TrainingTally other(ranks, team, windows, tiny.features, manifest);
      for (std::uint32_t user = 0; user < manifest.user_count; ++user) {
        ASSERT_EQ(one.has_user(user), other.has_user(user));
        if (!one.has_user(user)) continue;
        EXPECT_EQ(one.user_mean(user), other.user_mean(user)) << user;
      }
    });
  }
}

testing::OwnedColumns ratings_of_user(std::uint32_t user, const std::vector<float>& ratings) {
  testing::OwnedColumns columns;
  columns.user.assign(ratings.size(), user);
  columns.item.assign(ratings.size(), 1);
  columns.rating = ratings;
  columns.timestamp.assign(ratings.size(), 880'000'000);
  return columns;
}

TEST(TrainingTally, MeansOfAnySizeOfRatingAreExactToTheirUnit) {
  const TinyTraining tiny("basic");
  const std::vector<std::pair<std::vector<float>, double>> all{
      {{250'000, -250'000, 250'000, 250'000}, 125'000},
      {{0.25F, 0.5F}, 0.375},
      {{-10, 9.5F}, -0.25},
      {{1e-6F, 1e-6F, 1e-6F}, static_cast<double>(1e-6F)}};
  for (const auto& [ratings, mean] : all) {
    test::run_ranks(2, [&, &values = ratings, expected = mean](comm::Communicator& ranks) {
      shards::Manifest manifest = tiny.set.manifest();
      manifest.rating_min = -std::abs(values.front());
      manifest.rating_max = std::abs(values.front());
      const math::ThreadTeam team(1);
      const auto columns = ratings_of_user(2, values);
      NodeRows rows(columns.view());
      const TrainingTally tally(ranks, team, rows, tiny.features, manifest);
      EXPECT_NEAR(tally.user_mean(2), expected, 1e-12 * std::abs(values.front()));
      EXPECT_EQ(tally.item_mean(1), tally.user_mean(2));
    });
  }
}

/// Rows of `block` that are zero, by number.
std::vector<std::size_t> zero_rows(const models::Network& network,
                                   const nn::ParameterSet& parameters, std::string_view name) {
  std::vector<std::size_t> rows;
  const auto& blocks = network.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    if (blocks[block].name != name) continue;
    const auto matrix = parameters.matrix(block);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      const std::span<const float> values(matrix.row(row), matrix.cols);
      if (std::ranges::all_of(values, [](float value) { return value == 0; })) rows.push_back(row);
    }
  }
  return rows;
}

TEST(TrainingTally, RowsThatNoTrainingRatingLooksUpAreZeroAndNoOthers) {
  TinyTraining tiny("enriched");
  const testing::OwnedColumns kept = without_some(tiny.training);
  std::vector<bool> has_title(tiny.set.manifest().title_count + 1, false);
  std::vector<bool> has_word(features::kWordRows, false);
  std::vector<bool> has_bucket(features::kTimestampBoundaries + 1, false);
  for (std::size_t row = 0; row < kept.rating.size(); ++row) {
    const std::uint32_t title = tiny.set.catalogue().item_titles[kept.item[row]];
    has_title[title + 1] = true;
    for (const auto word : tiny.features.title_words(title)) has_word[word] = true;
    has_bucket[tiny.features.timestamp_bucket(kept.timestamp[row])] = true;
  }
  const auto absent = [](const std::vector<bool>& has) {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < has.size(); ++row) {
      if (!has[row]) rows.push_back(row);
    }
    return rows;
  };
  test::run_ranks(3, [&](comm::Communicator& ranks) {
    const math::ThreadTeam team(1);
    NodeRows rows(kept.view());
    const TrainingTally tally(ranks, team, rows, tiny.features, tiny.set.manifest());
    auto state = tiny.initial();
    tally.clear_untrained(tiny.network, state.parameters);
    const auto zero = [&](std::string_view block) {
      return zero_rows(tiny.network, state.parameters, block);
    };
    EXPECT_THAT(zero("user"), ::testing::ElementsAre(0U, 4U)) << "row 0: out of vocabulary";
    EXPECT_EQ(zero("title"), absent(has_title));
    EXPECT_EQ(zero("word"), absent(has_word));
    EXPECT_EQ(zero("timestamp_bucket"), absent(has_bucket));
    EXPECT_THAT(zero("title"), ::testing::SizeIs(2)) << "row 0, and that of item 5";
  });
}

TEST(TrainingTally, ATitleThatAnotherItemSharesIsTrainedThoughTheItemIsNot) {
  TinyTraining tiny("fm");
  const auto& titles = tiny.set.catalogue().item_titles;
  std::uint32_t one = 0;
  std::uint32_t other = 0;
  for (std::uint32_t i = 0; i < titles.size(); ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      if (titles[i] == titles[j]) std::tie(one, other) = std::pair(i, j);
    }
  }
  ASSERT_NE(one, other) << "the set has two items of one title";
  testing::OwnedColumns kept = ratings_of_user(1, {4, 5});
  kept.item.assign(2, one);
  test::run_ranks(1, [&](comm::Communicator& ranks) {
    const math::ThreadTeam team(1);
    NodeRows rows(kept.view());
    const TrainingTally tally(ranks, team, rows, tiny.features, tiny.set.manifest());
    EXPECT_TRUE(tally.has_item(one));
    EXPECT_FALSE(tally.has_item(other));
    auto state = tiny.initial();
    tally.clear_untrained(tiny.network, state.parameters);
    EXPECT_THAT(zero_rows(tiny.network, state.parameters, "title"),
                ::testing::Not(::testing::Contains(titles[other] + 1)));
    EXPECT_THAT(zero_rows(tiny.network, state.parameters, "title"),
                ::testing::SizeIs(tiny.set.manifest().title_count));
  });
}

TEST(TrainingTally, UntrainedRowsStayZeroThroughTraining) {
  for (const auto name : testing::variant_names()) {
    TinyTraining tiny(name);
    const testing::OwnedColumns kept = without_some(tiny.training);
    test::run_ranks(2, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows own(kept.view());
      const TrainingTally tally(ranks, team, own, tiny.features, tiny.set.manifest());
      auto state = tiny.initial();
      tally.clear_untrained(tiny.network, state.parameters);
      Trainer trainer(ranks, team, tiny.input(own), *tiny.rules, {}, std::move(state));
      trainer.train_epoch();
      EXPECT_THAT(zero_rows(tiny.network, trainer.state().parameters, "user"),
                  ::testing::ElementsAre(0U, 4U))
          << name;
    });
  }
}

}  // namespace
}  // namespace nnrec::train
