#include "nnrec/data/split.hpp"

#include <algorithm>

#include "nnrec/base/permutation.hpp"

#include "support/expect_error.hpp"

namespace nnrec::data {
namespace {
using ::testing::HasSubstr;

RatingTable table_of(std::uint64_t rows) {
  RatingTable table;
  for (std::uint32_t row = 0; row < rows; ++row) {
    table.user.push_back(row % 7);
    table.item.push_back(row % 11);
  }
  table.rating.resize(rows, 3);
  table.timestamp.resize(rows, 0);
  table.file_ends = {rows};
  return table;
}

std::int64_t count_test(const std::vector<Part>& parts) {
  return std::count(parts.begin(), parts.end(), Part::test);
}

TEST(RandomSplit, TestRowsAreTheLastPositionsOfTheShuffle) {
  const auto parts = RandomSplit(0.2, 42).assign(table_of(1003));
  const Permutation position(1003, 42, Purpose::split, 0);
  for (std::uint64_t row = 0; row < 1003; ++row) {
    EXPECT_EQ(parts[row] == Part::test, position(row) >= 1003 - 201) << row;
  }
}

TEST(RandomSplit, CountsAreRoundedAndSeedsDiffer) {
  EXPECT_EQ(count_test(RandomSplit(0.2, 1).assign(table_of(8))), 2);
  EXPECT_EQ(count_test(RandomSplit(0.2, 1).assign(table_of(7))), 1);
  EXPECT_EQ(count_test(RandomSplit(0, 1).assign(table_of(7))), 0);
  EXPECT_EQ(RandomSplit(0.5, 1).assign(table_of(100)), RandomSplit(0.5, 1).assign(table_of(100)));
  EXPECT_NE(RandomSplit(0.5, 1).assign(table_of(100)), RandomSplit(0.5, 2).assign(table_of(100)));
}

TEST(RandomSplit, NothingToTrainOnIsRefused) {
  testing::expect_error(ErrorKind::input, HasSubstr("--test-fraction"),
                        [] { RandomSplit(0.9, 1).assign(table_of(2)); });
}

TEST(RandomSplit, PolicySaysItsParameters) {
  EXPECT_EQ(RandomSplit(0.2, 42).policy(), "random test_fraction=0.2 seed=42");
}

TEST(FilesSplit, FirstFileTrainsSecondTests) {
  auto table = table_of(10);
  table.file_ends = {6, 10};
  const FilesSplit split("u1.base", "folder/u1.test");
  const auto parts = split.assign(table);
  EXPECT_EQ(count_test(parts), 4);
  EXPECT_EQ(parts[5], Part::train);
  EXPECT_EQ(parts[6], Part::test);
  EXPECT_EQ(split.policy(), "files train=u1.base test=u1.test");
  testing::expect_error(ErrorKind::input, HasSubstr("--train"),
                        [&] { split.assign(table_of(10)); });
}

TEST(SplitFacts, OverlapAndColdOnesAreCountedOnce) {
  RatingTable table;
  table.user = {0, 0, 1, 0, 2, 2, 0};
  table.item = {0, 1, 1, 0, 3, 3, 0};
  const std::vector<Part> parts{Part::train, Part::train, Part::train, Part::test,
                                Part::test,  Part::test,  Part::test};
  const auto facts = examine_split(table, parts);
  EXPECT_EQ(facts.overlap_pairs, 1U);
  EXPECT_EQ(facts.cold_users, 1U);
  EXPECT_EQ(facts.cold_items, 1U);
}

}  // namespace
}  // namespace nnrec::data
