#include "nnrec/import/whole_ids.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NumberedRatings ratings_of(const std::vector<std::string>& users) {
  NumberedRatings ratings;
  for (const auto& user : users) {
    ratings.table.user.push_back(ratings.users.insert(user));
    ratings.table.item.push_back(ratings.items.insert("i"));
    ratings.table.rating.push_back(1);
  }
  return ratings;
}
std::vector<std::string> users_of(const NumberedRatings& ratings) {
  std::vector<std::string> users;
  for (const auto user : ratings.table.user) users.push_back(ratings.users.id(user));
  return users;
}

TEST(WholeIds, PointAndZeroAreNoPartOfAWholeNumber) {
  auto ratings = ratings_of({"3", "1.0", "2.0", "1", "3.00", "-4.0"});
  RepairLog repairs(false);
  settle_whole_ids(ratings, repairs);
  EXPECT_THAT(users_of(ratings), ElementsAre("3", "1", "2", "1", "3", "-4"));
  EXPECT_EQ(ratings.users.size(), 4U);
  EXPECT_THAT(std::vector(ratings.table.user.begin(), ratings.table.user.end()),
              ElementsAre(0, 1, 2, 1, 0, 3))
      << "in order of first appearance";
  EXPECT_THAT(repairs.facts(), ElementsAre("4 of 6 users (66.7 %) are written with .0, as 1.0: "
                                           "read without it"));
}

TEST(WholeIds, AmongOtherIdsTheyStayApartWithAWarning) {
  auto ratings = ratings_of({"1.0", "1", "a1"});
  RepairLog repairs(false);
  settle_whole_ids(ratings, repairs);
  EXPECT_THAT(users_of(ratings), ElementsAre("1.0", "1", "a1"));
  EXPECT_THAT(repairs.lines(), ElementsAre(HasSubstr("warning: 1 users are written in two ways")));
}

TEST(WholeIds, ZerosInFrontOfAnIdThatIsThereWithoutThemAreAWarning) {
  auto ratings = ratings_of({"7", "007", "0", "00", "08044296X", "8044296X", "010", "0.5"});
  RepairLog repairs(false);
  settle_whole_ids(ratings, repairs);
  EXPECT_EQ(ratings.users.size(), 8U);
  EXPECT_THAT(repairs.lines(),
              ElementsAre(HasSubstr("warning: 3 of 8 users (37.5 %) are other ones with zeros in "
                                    "front, as 007, and stay apart")));
}

TEST(WholeIds, WordsAmongWholeNumbersAreAWarning) {
  auto ratings = ratings_of({"7", "8", "Total", "9.0", "x1", "#REF!", "10"});
  RepairLog repairs(false);
  settle_whole_ids(ratings, repairs);
  EXPECT_THAT(repairs.lines(),
              ElementsAre(HasSubstr("warning: 2 of 7 users (28.6 %) are words where others are "
                                    "whole numbers, as \"Total\"")));
  std::vector<std::string> many{"1,500", "'7"};
  for (int id = 0; id < 38; ++id) many.push_back(std::to_string(id));
  auto marked = ratings_of(many);
  RepairLog said(false);
  settle_whole_ids(marked, said);
  EXPECT_THAT(said.lines(),
              ElementsAre(HasSubstr("2 of 40 users (5.0 %) have other characters where others are "
                                    "whole numbers, as \"1,500\"")));
  auto words = ratings_of({"7", "8", "ann", "bob"});
  RepairLog none(false);
  settle_whole_ids(words, none);
  EXPECT_THAT(none.lines(), IsEmpty()) << "numbers are no more than half";
}

TEST(WholeIds, OtherIdsSayNothing) {
  for (const char* id : {"1.5", "1.", ".0", "a.0", "10.1000/1", "1.0.0", "1e3.0"}) {
    auto ratings = ratings_of({id, "7"});
    RepairLog repairs(false);
    settle_whole_ids(ratings, repairs);
    EXPECT_THAT(users_of(ratings), ElementsAre(id, "7"));
    EXPECT_THAT(repairs.lines(), IsEmpty());
  }
}

}  // namespace
}  // namespace nnrec::importing
