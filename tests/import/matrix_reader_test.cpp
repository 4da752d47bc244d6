#include "import/matrix_reader.hpp"

#include "support/cases.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MatrixReader : public testing::Cases {
 protected:
  static Options as_matrix(Options more) {
    more.insert(more.end(), {"--format", "matrix", "--test-fraction", "0"});
    return more;
  }
};

TEST_F(MatrixReader, RowsAreNumberedWhereNothingNamesUsers) {
  EXPECT_THAT(rows(prep_text("a.csv", "5,,3\n\n4,2,\n", as_matrix({}))),
              ElementsAre("1 1 5", "1 3 3", "2 1 4", "2 2 2"));
  EXPECT_THAT(text_,
              AllOf(HasSubstr("users = the numbers of the rows"),
                    HasSubstr("2 of 6 lines (33.3 %) have a value that stands for no rating")));
}

TEST_F(MatrixReader, AHeaderNamesItemsAndItsFirstColumnUsers) {
  const auto expected = ElementsAre("anna i1 5", "anna i3 3", "bert i2 0");
  EXPECT_THAT(rows(prep_text("a.csv", "user,i1,i2,i3\nanna,5,-1,3\nbert,-1,0,-1\n",
                             as_matrix({"--missing", "-1"}))),
              expected);
  EXPECT_THAT(rows(prep_text("a.csv", ";i1;i2;i3\nanna;5,0;;3,0\nbert;;0,0;\n",
                             as_matrix({"--decimal", ","}))),
              expected);
  EXPECT_THAT(rows(prep_text("a.csv", "j1,j2,j3\n5,99,3\n", as_matrix({"--missing", "99"}))),
              ElementsAre("1 j1 5", "1 j3 3"));
}

TEST_F(MatrixReader, WhatProgramsWriteForNothingIsAnEmptyCell) {
  EXPECT_THAT(rows(prep_text("a.csv", "user,i1,i2\n1,4,NA\n2,NaN,5\n3,null,2\n", as_matrix({}))),
              ElementsAre("1 i1 4", "2 i2 5", "3 i2 2"));
  EXPECT_THAT(rows(prep_text("b.csv", "4,NA,NA\nNA,5,3\n", as_matrix({}))),
              ElementsAre("1 1 4", "2 2 5", "2 3 3"))
      << "and none of a header's names";
}

TEST_F(MatrixReader, AFirstColumnThatMayNameTheRowsIsNoItem) {
  const auto expect = [&](const std::string& text, const char* why) {
    expect_text_refused("a.csv", text, as_matrix({}),
                        AllOf(HasSubstr("a.csv:1: "), HasSubstr(why)));
  };
  expect("item,u1,u2\n10,4,\n20,,3\n", "\"item\" may name the rows or be an item");
  expect("movieId,u1,u2\n10,4,\n20,,3\n", "is to be transposed");
  expect("id,m1,m2\n1,4,\n2,,3\n", "\"id\" may name");
  expect("who,m1,m2\n1,4,\n2,,3\n3,1,2\n4,1,2\n5,1,2\n", "\"who\" may name");
  EXPECT_THAT(rows(prep_text("b.csv", "item1,item2,item3\n5,,1\n,3,\n", as_matrix({}))),
              ElementsAre("1 item1 5", "1 item3 1", "2 item2 3"));
}

TEST_F(MatrixReader, RowsGoOnOverBlocks) {
  std::string text = "user\ta\tb\tc\n";
  for (int user = 0; user < 30000; ++user) text += fmt::format("{}\t{}\t\t1\n", user + 7, user % 5);
  const auto named = rows(prep_text("a.tsv", text, as_matrix({})));
  ASSERT_EQ(named.size(), 60000U);
  EXPECT_EQ(named.back(), "30006 c 1");
  const auto numbered = rows(prep_text("b.tsv", text.substr(text.find('\n') + 1),
                                       as_matrix({"--header", "no", "--missing", "none"})));
  EXPECT_EQ(numbered.back(), "30000 4 1");
}

TEST_F(MatrixReader, AQuoteThatStaysOpenIsRefused) {
  expect_text_refused("a.csv", ",3,5,\n\",4,1,99\n", as_matrix({"--missing", "99"}),
                      HasSubstr("a.csv:2:1: "));
}

TEST_F(MatrixReader, WhatIsNotSettledIsRefused) {
  expect_text_refused("a.csv", "5,4,3\n1,2,3\n", as_matrix({}),
                      HasSubstr("Say which stand for no rating, for example --missing 99"));
  expect_text_refused("a.csv", "user,i1,i1\n1,,3\n", as_matrix({}),
                      HasSubstr("two columns have the name \"i1\""));
  expect_text_refused("a.csv", "5,,3\n1,2\n", as_matrix({}),
                      HasSubstr("a.csv:2:1: \"1,2\" has 2 fields, not 3"));
  expect_text_refused("a.csv", "5,,3\n1,x,3\n", as_matrix({"--header", "no"}),
                      HasSubstr("a.csv:2:2: rating = \"x\" is not a finite"));
  expect_text_refused("a.csv", "5,,3\n1,9,3\n", as_matrix({"--scale", "1:5"}),
                      HasSubstr("a.csv:2:2: rating = 9 is outside 1..5"));
}

}  // namespace
}  // namespace nnrec::importing
