#include "nnrec/base/wording.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(Wording, NumbersAreGroupedByThrees) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Wording, ACountIsSaidWithItsWhole) {
  EXPECT_EQ(counted(40, 20'000, "ratings"), "40 of 20,000 ratings (0.2 %)");
  EXPECT_EQ(counted(3, 3, "users"), "3 of 3 users (100 %)");
  EXPECT_EQ(counted(0, 7, "users"), "0 of 7 users (0.0 %)");
  EXPECT_EQ(counted(0, 0, "users"), "0 of 0 users (0.0 %)");
  EXPECT_EQ(counted(2, 100'000, "lines"), "2 of 100,000 lines (0.002 %)") << "not none";
  EXPECT_EQ(counted(99'999, 100'000, "lines"), "99,999 of 100,000 lines (99.999 %)") << "not all";
}

TEST(Wording, AWarningIsDueFromFivePercentOn) {
  EXPECT_FALSE(is_much(4, 100));
  EXPECT_TRUE(is_much(5, 100));
  EXPECT_FALSE(is_much(0, 0));
}

TEST(Wording, LongListsAreCut) {
  const std::vector<std::string> names{"a", "b", "c"};
  EXPECT_EQ(listed(names, 3), "a, b, c");
  EXPECT_EQ(listed(names, 1), "a and 2 more");
  EXPECT_EQ(listed({}, 1), "");
}

}  // namespace
}  // namespace nnrec
