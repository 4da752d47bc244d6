#include "nnrec/serve/training_facts.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::serve {
namespace {

using ::testing::HasSubstr;

TEST(TrainingFacts, AreThoseOfTheTrainingRowsAlone) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 40, 30, 900, 0.2);
  const auto rows = testing::read_part(set, shards::Part::train);
  const TrainingFacts facts = read_training_facts(set, math::ThreadTeam(2));
  ASSERT_EQ(facts.rows, rows.rating.size());
  EXPECT_NEAR(facts.mean, set.manifest().train_rating_mean, 1e-12);
  EXPECT_EQ(facts.first_time, *std::ranges::min_element(rows.timestamp));
  EXPECT_EQ(facts.last_time, *std::ranges::max_element(rows.timestamp));
  for (std::uint32_t user = 0; user < 40; ++user) {
    double sum = 0;
    double count = 0;
    for (std::size_t row = 0; row < rows.user.size(); ++row) {
      if (rows.user[row] != user) continue;
      sum += static_cast<double>(rows.rating[row]);
      ++count;
    }
    ASSERT_EQ(static_cast<double>(facts.users.rows[user]), count);
    EXPECT_DOUBLE_EQ(facts.users.mean(user), sum / count);
  }
}

TEST(TrainingFacts, ATimeInAnotherUnitIsRefused) {
  constexpr std::int64_t kLast = 893'286'638;
  TrainingFacts facts;
  facts.first_time = 874'724'710;
  facts.last_time = kLast;
  for (const std::int64_t time : {kLast, 4 * kLast, kLast / 10})
    EXPECT_EQ(refusal_of_time(time, facts), "") << time;
  const std::int64_t days = kLast / 86'400;
  const std::vector<std::int64_t> in_other_units{std::numeric_limits<std::int64_t>::max(),
                                                 std::numeric_limits<std::int64_t>::min(),
                                                 -1,
                                                 0,
                                                 1000 * kLast,
                                                 1'000'000 * kLast,
                                                 -1000 * kLast,
                                                 days};
  for (const std::int64_t time : in_other_units)
    EXPECT_THAT(refusal_of_time(time, facts), HasSubstr("is not in the seconds")) << time;
  facts.first_time = 0;  // some are not known
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, days})
    EXPECT_EQ(refusal_of_time(time, facts), "") << time;
  EXPECT_EQ(refusal_of_time(1000 * kLast, {}), "") << "a set without times";
}

TEST(TrainingFacts, WhoHasNoRatingHasTheMeanOfAll) {
  TrainingFacts facts;
  facts.mean = 3;
  facts.users = {{2, 0}, {9, 0}};
  facts.items = {{0, 1}, {0, 1}};
  EXPECT_EQ(facts.user_item_mean(0, 1), 4.5 + 1 - 3);
  EXPECT_EQ(facts.user_item_mean(1, 1), 1);
  EXPECT_EQ(facts.user_item_mean(0, 0), 4.5);
  EXPECT_EQ(facts.user_item_mean(kUnknown, kUnknown), 3);
  EXPECT_TRUE(facts.is_warm(0, 1));
  EXPECT_FALSE(facts.is_warm(1, 1));
  EXPECT_FALSE(facts.is_warm(0, 0));
  EXPECT_FALSE(facts.is_warm(kUnknown, 1));
}

}  // namespace
}  // namespace nnrec::serve
