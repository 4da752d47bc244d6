#include "support/cases.hpp"

namespace nnrec::importing {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MatrixMarket : public testing::Cases {
 protected:
  static std::string matrix(const std::string& kind, const std::string& rest) {
    return "%%MatrixMarket matrix " + kind + "\n% made by hand\n%\n" + rest;
  }
  template <typename Matcher>
  void expect_bad(const std::string& kind, const std::string& rest, const Matcher& message) {
    expect_text_refused("a.mtx", matrix(kind, rest), {}, message);
  }
};

TEST_F(MatrixMarket, EntriesAreRatingsOfUsersInRows) {
  EXPECT_THAT(rows(prep_text("a.mtx", matrix("coordinate real general",
                                             "3 4 3\n1 4 3.5\n\n  3\t1   5.0e+00\r\n2 2 1\n"))),
              ElementsAre("1 4 3.5", "3 1 5", "2 2 1"));
  EXPECT_THAT(text_, HasSubstr("it begins with %%MatrixMarket"));
  EXPECT_THAT(rows(prep_text("b.mtx", matrix("Coordinate Integer General", "1 1 1\n1 1 4\n"))),
              ElementsAre("1 1 4"));
}

TEST_F(MatrixMarket, ManyEntriesAreReadOverBlocks) {
  std::string entries;
  for (int row = 1; row <= 40000; ++row)
    entries += fmt::format("{} {} {}\n", row, row % 7 + 1, row % 5);
  const auto all =
      rows(prep_text("a.mtx", matrix("coordinate real general", "40000 7 40000\n" + entries)));
  ASSERT_EQ(all.size(), 40000U);
  EXPECT_EQ(all.back(), "40000 3 0");
}

TEST_F(MatrixMarket, WhatHasNoRatingsIsRefusedByItsBanner) {
  expect_bad("coordinate pattern general", "1 1 1\n1 1\n", HasSubstr("a.mtx:1: "));
  expect_bad("coordinate pattern general", "1 1 1\n1 1\n", HasSubstr("has no values"));
  expect_bad("coordinate complex general", "1 1 1\n1 1 1 1\n", HasSubstr("are no ratings"));
  expect_bad("coordinate real symmetric", "1 1 1\n1 1 1\n", HasSubstr("rows are its columns"));
  expect_bad("array real general", "1 1\n1\n", HasSubstr("has every cell"));
  expect_bad("vector", "1 1\n1\n", HasSubstr("is no banner of a matrix"));
}

TEST_F(MatrixMarket, WhatIsNotWholeIsRefusedByItsPlace) {
  const char* kind = "coordinate real general";
  expect_bad(kind, "2 2 3\n1 1 3\n2 2 4\n", HasSubstr("has 2 entries, and says that it has 3"));
  expect_bad(kind, "2 2\n1 1 3\n", HasSubstr("a.mtx:4: \"2 2\" is not \"rows columns entries\""));
  expect_bad(kind, "", HasSubstr("has no line of \"rows columns entries\""));
  expect_bad(kind, "2 2 2\n1 1 3\n3 1 4\n", HasSubstr("a.mtx:6:1: row = \"3\" is not in 1..2"));
  expect_bad(kind, "2 2 2\n1 1 3\n2 0 4\n", HasSubstr("a.mtx:6:2: column = \"0\" is not in 1..2"));
  expect_bad(kind, "2 2 2\n1 1 3\n2 1\n", HasSubstr("a.mtx:6:1: \"2 1\" is not"));
  expect_bad(kind, "2 2 2\n1 1 3\n2 1 x\n", HasSubstr("a.mtx:6:3: rating = \"x\""));
}

}  // namespace
}  // namespace nnrec::importing
