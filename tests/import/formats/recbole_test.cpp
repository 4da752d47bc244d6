#include "support/cases.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RecBole : public testing::Cases {
 protected:
  static constexpr const char* kInter =
      "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
      "196\t242\t3\t881250949\n186\t302\t4\t891717742\n";
};

TEST_F(RecBole, RatingsItemsAndUsersAreRead) {
  write("ml/ml.item",
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "242\tKolya\t1996\tComedy War\n302\tSay \"L.A.\" Again (1997)\t1997\t\n");
  write("ml/ml.user",
        "user_id:token\tage:token\tgender:token\toccupation:token\n"
        "196\t49\tM\twriter\n186\t\tF\t\n");
  const auto set = prep_path(write("ml/ml.inter", kInter).parent_path());
  EXPECT_THAT(rows(set), ElementsAre("196 242 3 881250949", "186 302 4 891717742"));
  EXPECT_THAT(set.catalogue().titles, ElementsAre("Kolya (1996)", "Say \"L.A.\" Again (1997)"));
  EXPECT_THAT(text_, AllOf(HasSubstr("recbole, its name ends in .inter"),
                           HasSubstr("ml.user: 2 lines"), HasSubstr("ml.item: 2 lines")));
}

TEST_F(RecBole, PartsAreOneSetAndShareTheTables) {
  write("ml/ml.item", "item_id:token\tname:token_seq\n1\tA\n2\tB\n");
  write("ml/ml.train.inter", "user_id:token\titem_id:token\trating:float\n7\t1\t3\n");
  const auto path =
      write("ml/ml.test.inter", "user_id:token\titem_id:token\trating:float\n7\t2\t4\n");
  const auto set = prep_path(path.parent_path());
  EXPECT_EQ(rows(set).size(), 2U);
  EXPECT_EQ(set.catalogue().titles.size(), 2U);
}

TEST_F(RecBole, WhatHasNoRatingOrNoTitleIsRefused) {
  expect_text_refused("a.inter", "user_id:token\titem_id:token\ttimestamp:float\n1\t2\t881250949\n",
                      {}, HasSubstr("no column is named as rating"));
  write("b/b.item", "item_id:token\tprice:float\n1\t2\n");
  expect_path_refused(
      write("b/b.inter", "user_id:token\titem_id:token\trating:float\n7\t1\t3\n").parent_path(), {},
      HasSubstr("b.item:1: no column has one of the names movietitle title"));
}

}  // namespace
}  // namespace nnrec::importing
