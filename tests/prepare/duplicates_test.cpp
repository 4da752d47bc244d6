#include "nnrec/prepare/duplicates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.hpp"

namespace nnrec::prepare {
namespace {

using importing::Duplicates;

struct Row {
  std::uint32_t user;
  std::uint32_t item;
  float rating;
  std::int64_t time;
  bool operator==(const Row&) const = default;
};

// (0, 1) stands in rows 0, 2 and 3; the latest of it is row 2.
const std::vector<Row> kRows{
    {0, 1, 3, 10}, {1, 1, 4, 11}, {0, 1, 5, 30}, {0, 1, 1, 20}, {0, 2, 2, 40}};

std::vector<Row> kept(Duplicates rule, int threads = 2) {
  importing::NumberedRatings ratings;
  for (const char* id : {"ann", "bob"}) ratings.users.insert(id);
  for (const char* id : {"x", "y", "z"}) ratings.items.insert(id);
  for (const Row& row : kRows) {
    ratings.table.user.push_back(row.user);
    ratings.table.item.push_back(row.item);
    ratings.table.rating.push_back(row.rating);
    ratings.table.timestamp.push_back(row.time);
  }
  ratings.table.file_ends = {kRows.size()};
  ratings.places.name_files({"ratings.csv"});
  ratings.places.add(0, {.row = 0, .line = 1});
  importing::RepairLog repairs(false);
  remove_duplicates(ratings, rule, math::ThreadTeam(threads), repairs);
  std::vector<Row> rows;
  const auto& table = ratings.table;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    rows.push_back({table.user[r], table.item[r], table.rating[r], table.timestamp[r]});
  }
  return rows;
}

TEST(Duplicates, TheRuleNamesTheRatingThatStaysInItsPlace) {
  EXPECT_EQ(kept(Duplicates::first), (std::vector{kRows[0], kRows[1], kRows[4]}));
  EXPECT_EQ(kept(Duplicates::last), (std::vector{kRows[1], kRows[3], kRows[4]}));
  EXPECT_EQ(kept(Duplicates::last_time), (std::vector{kRows[1], kRows[2], kRows[4]}));
}

TEST(Duplicates, TheMeanIsThatOfAllValuesAtTheLatestRow) {
  EXPECT_EQ(kept(Duplicates::mean), (std::vector{kRows[1], Row{0, 1, 3, 30}, kRows[4]}));
}

TEST(Duplicates, ARepeatedPairIsRefusedWhereTheRuleIsError) {
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("user ann has rated item y before"),
                        [] { kept(Duplicates::error); });
}

}  // namespace
}  // namespace nnrec::prepare
