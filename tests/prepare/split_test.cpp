#include "nnrec/prepare/split.hpp"

#include <algorithm>

#include "nnrec/base/permutation.hpp"

#include "support/expect_error.hpp"

namespace nnrec::prepare {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kTrain = shards::Part::train;
constexpr auto kValidation = shards::Part::validation;
constexpr auto kTest = shards::Part::test;

const math::ThreadTeam& team() {
  static const math::ThreadTeam two(2);
  return two;
}

importing::RatingTable table_of(std::uint32_t rows) {
  importing::RatingTable table;
  for (std::uint32_t row = 0; row < rows; ++row) {
    table.user.push_back(row % 7);
    table.item.push_back(row % 11);
    table.rating.push_back(3);
  }
  table.file_ends = {rows};
  return table;
}  // namespace

/// Users, items and times given; all values 3.
importing::RatingTable table_of(const std::vector<std::uint32_t>& user,
                                const std::vector<std::uint32_t>& item,
                                const std::vector<std::int64_t>& time) {
  importing::RatingTable table;
  for (std::size_t row = 0; row < user.size(); ++row) {
    table.user.push_back(user[row]);
    table.item.push_back(item[row]);
    table.rating.push_back(3);
    if (!time.empty()) table.timestamp.push_back(time[row]);
  }
  return table;
}  // namespace nnrec::prepare

std::vector<shards::Part> parts_of(const importing::RatingTable& table,
                                   const SplitOptions& options) {
  const auto result = split(table, options, team());
  return {result.parts.begin(), result.parts.end()};
}

SplitOptions random_split(double fraction, std::uint64_t seed) {
  SplitOptions options;
  options.test_fraction = fraction;
  options.seed = seed;
  return options;
}

std::int64_t count(const std::vector<shards::Part>& parts, shards::Part part) {
  return std::count(parts.begin(), parts.end(), part);
}

TEST(Split, RandomTestRowsAreTheLastPositionsOfTheShuffle) {
  const auto parts = parts_of(table_of(1003), random_split(0.2, 42));
  const Permutation position(1003, 42, Purpose::split, 0);
  for (std::uint64_t row = 0; row < 1003; ++row) {
    EXPECT_EQ(parts[row] == kTest, position(row) >= 1003 - 201) << row;
  }
}

TEST(Split, RandomCountsAreRoundedAndSeedsDiffer) {
  EXPECT_EQ(count(parts_of(table_of(8), random_split(0.2, 1)), kTest), 2);
  EXPECT_EQ(count(parts_of(table_of(7), random_split(0.2, 1)), kTest), 1);
  EXPECT_EQ(count(parts_of(table_of(7), random_split(0, 1)), kTest), 0);
  EXPECT_NE(parts_of(table_of(100), random_split(0.5, 1)),
            parts_of(table_of(100), random_split(0.5, 2)));
  EXPECT_EQ(split(table_of(100), random_split(0.2, 42), team()).policy,
            "random test_fraction=0.2 seed=42");
}

TEST(Split, NothingToTrainOnIsRefused) {
  testing::expect_error(ErrorKind::input, HasSubstr("--test-fraction"),
                        [] { split(table_of(2), random_split(0.9, 1), team()); });
}

TEST(Split, ValidationIsCutFromTheTrainPartAndTestStays) {
  auto options = random_split(0.2, 42);
  const auto without = parts_of(table_of(1000), options);
  options.validation = 0.1;
  const auto with = parts_of(table_of(1000), options);
  EXPECT_EQ(count(with, kValidation), 80);
  for (std::size_t row = 0; row < with.size(); ++row) {
    EXPECT_EQ(with[row] == kTest, without[row] == kTest);
  }
}

TEST(Split, AValidationPartAboveAnyNumberIsAll) {
  auto options = random_split(0.2, 42);
  options.validation = 1e300;
  testing::expect_error(ErrorKind::input, HasSubstr("leaves none to train on"),
                        [&] { split(table_of(10), options, team()); });
}

TEST(Split, FilesThatLeaveNothingToTrainOnAreTheRemedy) {
  auto table = table_of(10);
  table.file_ends = {0, 10};
  SplitOptions options;
  options.rule = SplitRule::files;
  options.train_files = {"empty"};
  options.test_files = {"all"};
  testing::expect_error(
      ErrorKind::input,
      ::testing::AllOf(HasSubstr("another --train"), ::testing::Not(HasSubstr("--test-fraction"))),
      [&] { split(table, options, team()); });
}

TEST(Split, FoldsAreAPartition) {
  SplitOptions options;
  options.rule = SplitRule::kfold;
  options.folds = 3;
  std::vector<int> tested(100, 0);
  for (options.fold = 1; options.fold <= 3; ++options.fold) {
    const auto parts = parts_of(table_of(100), options);
    for (std::size_t row = 0; row < parts.size(); ++row) tested[row] += parts[row] == kTest ? 1 : 0;
  }
  EXPECT_EQ(tested, std::vector<int>(100, 1));
}

TEST(Split, FirstFileTrainsSecondTests) {
  auto table = table_of(10);
  table.file_ends = {6, 10};
  SplitOptions options;
  options.rule = SplitRule::files;
  options.train_files = {"u1.base"};
  options.test_files = {"folder/u1.test"};
  const auto result = split(table, options, team());
  EXPECT_EQ(result.parts[5], kTrain);
  EXPECT_EQ(result.parts[6], kTest);
  EXPECT_EQ(result.policy, "files train=u1.base test=u1.test");
  testing::expect_error(ErrorKind::input, HasSubstr("--train"),
                        [&] { split(table_of(10), options, team()); });
}

TEST(Split, FoldsCanBeJoined) {
  auto table = table_of(10);
  table.file_ends = {2, 5, 6, 10};
  SplitOptions options;
  options.rule = SplitRule::files;
  options.train_files = {"a", "b"};
  options.test_files = {"c", "d"};
  const auto result = split(table, options, team());
  for (std::size_t row = 0; row < 10; ++row) {
    EXPECT_EQ(result.parts[row], row < 5 ? kTrain : kTest) << row;
  }
  EXPECT_EQ(result.policy, "files train=a,b test=c,d");
}

TEST(Split, TimeTestsTheInstantAndLater) {
  const auto table = table_of({0, 0, 1, 1, 2}, {0, 1, 0, 1, 0}, {50, 10, 30, 20, 40});
  SplitOptions options;
  options.rule = SplitRule::time;
  options.test_from = 40;
  EXPECT_THAT(parts_of(table, options), ElementsAre(kTest, kTrain, kTrain, kTrain, kTest));
  options.validation = 0.4;
  EXPECT_THAT(parts_of(table, options), ElementsAre(kTest, kTrain, kValidation, kTrain, kTest));
  options.validation = 0;
  options.test_from.reset();
  options.test_fraction = 0.2;
  const auto result = split(table, options, team());
  EXPECT_EQ(result.policy, "time test_from=50");
  testing::expect_error(ErrorKind::input, HasSubstr("no timestamp column"),
                        [&] { split(table_of(10), options, team()); });
  options.test_from = 51;
  testing::expect_error(ErrorKind::input, HasSubstr("from 10 to 50"),
                        [&] { split(table, options, team()); });
}

TEST(Split, PerUserTestsTheLatestButLeavesOne) {
  const auto table = table_of({0, 0, 0, 1, 2, 2}, {0, 1, 2, 0, 0, 1}, {3, 2, 1, 9, 5, 5});
  SplitOptions options;
  options.rule = SplitRule::per_user;
  options.test_last = 5;
  EXPECT_THAT(parts_of(table, options), ElementsAre(kTest, kTest, kTrain, kTrain, kTrain, kTest));
  options.rule = SplitRule::leave_one_out;
  EXPECT_THAT(parts_of(table, options), ElementsAre(kTest, kTrain, kTrain, kTrain, kTrain, kTest));
}

TEST(SplitFacts, OverlapColdOnesAndTheFutureAreCounted) {
  const auto table = table_of({0, 0, 1, 0, 2, 2, 0}, {0, 1, 1, 0, 3, 3, 0}, {1, 5, 9, 5, 6, 7, 8});
  shards::Column<shards::Part> parts;
  for (const auto part : {kTrain, kTrain, kTrain, kTest, kTest, kTest, kTest}) {
    parts.push_back(part);
  }
  const auto facts = examine_split(table, parts, team());
  EXPECT_EQ(facts.overlap_pairs, 1U);
  EXPECT_EQ(facts.cold_users, 1U);
  EXPECT_EQ(facts.cold_items, 1U);
  EXPECT_EQ(facts.cold_rows, 2U);
  EXPECT_EQ(facts.test_users, 2U);
  EXPECT_EQ(facts.test_items, 2U);
  EXPECT_EQ(facts.test_rows, 4U);
  EXPECT_EQ(facts.train_rows_after_test, 1U);
}

}  // namespace
}  // namespace nnrec::prepare
