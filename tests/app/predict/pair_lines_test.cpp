#include "app/predict/pair_lines.hpp"

#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

TEST(PairLines, TheFirstLineDecidesWhatStandsBetweenFields) {
  EXPECT_EQ(PairLines("p", "1\ta b, c").separator(), "\t");
  EXPECT_EQ(PairLines("p", "1::2::3").separator(), "::");
  EXPECT_EQ(PairLines("p", "1,2 x").separator(), ",");
  EXPECT_EQ(PairLines("p", "1;2").separator(), ";");
  EXPECT_EQ(PairLines("p", "1 2").separator(), " ");
  expect_error(ErrorKind::input, HasSubstr("p:1: '12' has no tab"), [] { PairLines("p", "12"); });
}

TEST(PairLines, FieldsBehindTheTimeAreLeftAside) {
  const PairLines lines("p", "a\tb");
  const PairLine pair = lines.parse("u 1\ti,2\t-5\tx\ty", 3);
  EXPECT_EQ(pair.user, "u 1");
  EXPECT_EQ(pair.item, "i,2");
  EXPECT_EQ(pair.time, -5);
  EXPECT_EQ(lines.parse("u\ti", 3).time, std::nullopt);
  EXPECT_EQ(lines.parse("u\ti\t", 3).time, std::nullopt);
}

TEST(PairLines, ALineWithoutUserOrItemIsNamed) {
  const PairLines lines("p", "a,b");
  for (const char* line : {"", "a", ",b", "a,"}) {
    expect_error(ErrorKind::input, HasSubstr("p:9: "), [&] { lines.parse(line, 9); });
  }
}

TEST(PairLines, AHeaderBeginsWithUserAndNamesAnItem) {
  const auto is_header = [](const char* line) { return PairLines("p", line).is_header(line); };
  EXPECT_TRUE(is_header("userId,movieId"));
  EXPECT_TRUE(is_header("USER_ID\titem_id\ttimestamp"));
  EXPECT_FALSE(is_header("user7,item2")) << "ids of synthetic sets look so";
  EXPECT_FALSE(is_header("user,7"));
  EXPECT_FALSE(is_header("196,242"));
}

}  // namespace
}  // namespace nnrec::app
