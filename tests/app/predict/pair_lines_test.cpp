#include "app/predict/pair_lines.hpp"

#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;

PairLines lines_after(const char* first_line) {
  return {"p", first_line, kNow};
}

TEST(PairLines, TheFirstLineDecidesWhatStandsBetweenFields) {
  EXPECT_EQ(lines_after("1\ta b, c").separator(), "\t");
  EXPECT_EQ(lines_after("1::2::3").separator(), "::");
  EXPECT_EQ(lines_after("1,2 x").separator(), ",");
  EXPECT_EQ(lines_after("1;2").separator(), ";");
  EXPECT_EQ(lines_after("1 2").separator(), " ");
  expect_error(ErrorKind::input, HasSubstr("p:1: '12' has no tab"), [] { lines_after("12"); });
}

TEST(PairLines, FieldsBehindTheTimeAreLeftAside) {
  const auto lines = lines_after("a\tb");
  const PairLine pair = lines.parse("u 1\ti,2\t631152000\tx\ty", 3);
  EXPECT_EQ(pair.user, "u 1");
  EXPECT_EQ(pair.item, "i,2");
  EXPECT_EQ(pair.time, 631'152'000);
  EXPECT_EQ(lines.parse("u\ti", 3).time, std::nullopt);
  EXPECT_EQ(lines.parse("u\ti\t", 3).time, std::nullopt);
}

TEST(PairLines, AThirdFieldThatNothingNamesMustLookLikeATime) {
  const auto lines = lines_after("196,242");
  EXPECT_EQ(lines.parse("196,242,1700000000", 9).time, kNow);
  for (const char* line : {"196,242,3", "196,242,3,881250949", "196,242,0", "196,242,-5",
                           "196,242,631151999", "196,242,1700086401", "196,242,1700000000000"}) {
    expect_error(ErrorKind::input,
                 ::testing::AllOf(HasSubstr("p:9: field 3 = "), HasSubstr("user,item,rating")),
                 [&] { lines.parse(line, 9); });
  }
  expect_error(ErrorKind::input, HasSubstr("p:9: time = 3.5 is no whole number"),
               [&] { lines.parse("196,242,3.5", 9); });
}

TEST(PairLines, BlanksAndQuotesAroundIdsAreNoneOfThem) {
  for (const char* line :
       {"7, 8 ,978300000", "\"7\",\"8\",\"978300000\"", "\"7\", \"8\", 978300000"}) {
    const auto pair = lines_after("user,item,time").parse(line, 2);
    EXPECT_EQ(pair.user, "7") << line;
    EXPECT_EQ(pair.item, "8") << line;
    EXPECT_EQ(pair.time, 978'300'000) << line;
  }
  EXPECT_TRUE(lines_after("\"userId\";\"movieId\"").has_header());
  EXPECT_EQ(lines_after("a\tb").parse("\"7\"\t8", 1).user, "\"7\"") << "as nnrec_prep has it";
}

TEST(PairLines, AQuoteWithinAFieldIsRefused) {
  for (const char* line : {"\"a,b\",8", "7,\"8", "{\"user\": 7, \"item\": 8}"}) {
    expect_error(ErrorKind::input, HasSubstr("p:9: '"), [&] { lines_after("7,8").parse(line, 9); });
  }
}

TEST(PairLines, AZeroByteIsNoText) {
  expect_error(ErrorKind::input, HasSubstr("p:1: has a zero byte"), [] {
    PairLines("p",
              std::string_view("7\0,\0"
                               "8\0",
                               6),
              kNow);
  });
}

TEST(PairLines, ALineWithoutUserOrItemIsNamed) {
  const auto lines = lines_after("a,b");
  for (const char* line : {"", "a", ",b", "a,"}) {
    expect_error(ErrorKind::input, HasSubstr("p:9: "), [&] { lines.parse(line, 9); });
  }
  expect_error(ErrorKind::input, HasSubstr("p:9: "),
               [] { lines_after("time,item,user").parse("7,8", 9); });
}

TEST(PairLines, AHeaderNamesAUserAndAnItem) {
  const auto has_header = [](const char* line) { return lines_after(line).has_header(); };
  EXPECT_TRUE(has_header("userId,movieId"));
  EXPECT_TRUE(has_header("USER_ID\titem_id\ttimestamp"));
  EXPECT_TRUE(has_header("asin;reviewerID"));
  EXPECT_FALSE(has_header("user7,item2")) << "ids of synthetic sets look so";
  EXPECT_FALSE(has_header("user,7"));
  EXPECT_FALSE(has_header("196,242"));
}

TEST(PairLines, NamesBindFieldsInAnyOrderAndLeaveTheOthersAside) {
  const auto pair = lines_after("rating,movieId,timestamp,userId").parse("4.5,242,-7,196", 2);
  EXPECT_EQ(pair.user, "196");
  EXPECT_EQ(pair.item, "242");
  EXPECT_EQ(pair.time, -7) << "a name says more than how it looks";
  const auto rated = lines_after("user,item,rating").parse("196,242,881250949", 2);
  EXPECT_EQ(rated.time, std::nullopt);
}

TEST(PairLines, NamesWithoutOneUserAndOneItemAreRefused) {
  for (const char* line :
       {"user_id,title", "user,reviewer,item", "user,movie,book", "user,item,time,date"}) {
    expect_error(ErrorKind::input, HasSubstr("does not name one user and one item"),
                 [&] { lines_after(line); });
  }
}

}  // namespace
}  // namespace nnrec::app
