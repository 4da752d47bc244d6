#include "nnrec/serve/error_tally.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace nnrec::serve {
namespace {

using ::testing::ElementsAre;

/// Two rows of the first user, one of the second; errors 1, -3 and 2.
const EvaluatedRows kRows{{{}, {}, {}}, {3, 4, 5}, {0, 0, 1}, {0, 1}};
const std::vector<float> kPredictions{4, 1, 7};

TEST(ErrorTally, RowsCountOnceAndUsersOnceInTheirMean) {
  const auto errors = judge(kRows, kPredictions, shards::RatingScale{1, 5});
  EXPECT_EQ(errors.all.rows, 3U);
  EXPECT_DOUBLE_EQ(errors.all.rmse(), std::sqrt(14.0 / 3));
  EXPECT_DOUBLE_EQ(errors.all.mae(), 2);
  EXPECT_DOUBLE_EQ(errors.user_rmse, (std::sqrt(10.0 / 2) + 2) / 2);
  EXPECT_DOUBLE_EQ(errors.user_mae, 2);
  EXPECT_DOUBLE_EQ(errors.clipped->rmse(), std::sqrt(10.0 / 3)) << "7 is moved to 5";
  EXPECT_DOUBLE_EQ(std::sqrt(errors.mse.value()), errors.all.rmse());
}

TEST(ErrorTally, WithoutAScaleNothingIsClipped) {
  EXPECT_FALSE(judge(kRows, kPredictions, std::nullopt).clipped);
}

TEST(ErrorTally, GroupsHaveTheirOwnErrors) {
  const std::vector<std::uint32_t> groups{2, 0, 2};
  const auto tallies = judge_groups(kRows, kPredictions, groups, 3);
  EXPECT_DOUBLE_EQ(tallies[0].rmse(), 3);
  EXPECT_DOUBLE_EQ(tallies[2].rmse(), std::sqrt(5.0 / 2));
  EXPECT_EQ(tallies[1].rows, 0U);
  EXPECT_TRUE(std::isnan(tallies[1].rmse()));
}

TEST(ErrorTally, DecilesAreOfRowsAndKeepEqualValuesTogether) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t value = 20; value > 0; --value) values.push_back(value);
  const auto groups = deciles(values);
  EXPECT_EQ(groups.front(), 9U);
  EXPECT_EQ(groups.back(), 0U);
  EXPECT_EQ(std::ranges::count(groups, 4U), 2);
  EXPECT_THAT(deciles(std::vector<std::uint64_t>{5, 5, 5, 9}), ElementsAre(0, 0, 0, 7));
}

}  // namespace
}  // namespace nnrec::serve
