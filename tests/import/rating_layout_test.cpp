#include "nnrec/import/rating_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

#include "support/expect_error.hpp"

namespace nnrec::import {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

RatingLayout layout_of(std::string_view head, const LayoutOptions& options = {}) {
  return find_layout(head, options, "ratings.txt");
}

/// As description() says it, which is what a user reads.
std::string found_in(std::string_view head, const LayoutOptions& options = {}) {
  return layout_of(head, options).description();
}

void expect_refusal(ErrorKind kind, std::string_view head, const LayoutOptions& options,
                    const std::string& text) {
  expect_error(kind, HasSubstr(text), [&] { layout_of(head, options); });
}

LayoutOptions with_columns(const std::string& columns) {
  LayoutOptions options;
  options.columns = columns;
  return options;
}

TEST(RatingLayout, KnownFilesAreUnderstoodByTheirFirstLines) {
  EXPECT_EQ(found_in("196\t242\t3\t881250949\n186\t302\t3\t891717742\n"),
            "tab, no header, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("1::1193::5::978300760\n1::661::3::978302109\n"),
            "'::', no header, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n"),
            "',', header, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"276725\";\"034545104X\";\"0\"\n"),
            "';', header, user=1 item=2 rating=3");
}

TEST(RatingLayout, NamesInTheHeaderSayWhereColumnsStand) {
  EXPECT_EQ(found_in("Timestamp,Rating,Item_ID,User ID\n1,2,3,4\n"),
            "',', header, user=4 item=3 rating=2 time=1");
  // Other names are no reason to guess: the usual order is taken.
  EXPECT_EQ(found_in("who,what,how_much\na,b,3\n"), "',', header, user=1 item=2 rating=3");
}

TEST(RatingLayout, AFirstLineWithANumberIsARatingHoweverBad) {
  EXPECT_FALSE(layout_of("1,2,x\n3,4,5\n").header);
  EXPECT_TRUE(layout_of("a,b,c\n3,4,5\n").header);
  LayoutOptions options;
  options.header = HeaderRule::yes;
  EXPECT_TRUE(layout_of("1,2,3\n3,4,5\n", options).header);
  options.header = HeaderRule::no;
  EXPECT_FALSE(layout_of("a,b,c\n3,4,5\n", options).header);
}

TEST(RatingLayout, OnlyAFourthNumberIsATime) {
  EXPECT_TRUE(layout_of("1,2,3,4\n").time);
  EXPECT_FALSE(layout_of("1,2,3,a review\n").time);
  EXPECT_FALSE(layout_of("1,2,3\n").time);
}

TEST(RatingLayout, TheSeparatorIsTheOneThatCutsMostLinesAlike) {
  EXPECT_EQ(layout_of("1;2;3,5\n4;5;4,0\n").separator, ";");
  EXPECT_EQ(layout_of("1 2 3\n4 5 6\n").separator, " ");
  EXPECT_EQ(layout_of("1,Heat: a film,3\n4,b c d,5\n").separator, ",");
  EXPECT_TRUE(layout_of("1,2,3\n").quotes);
  EXPECT_FALSE(layout_of("1\t2\t3\n").quotes);
}

TEST(RatingLayout, AWrongSeparatorIsRefusedWithAGuess) {
  LayoutOptions options;
  options.separator = ";";
  expect_refusal(ErrorKind::input, "1,2,3\n", options,
                 "no separator ';' found on line 1 (is it ','?)");
  expect_refusal(ErrorKind::input, "one word\n", {}, "ratings.txt:1: \"one word\" is not cut into");
  expect_refusal(ErrorKind::input, "\n \n", {}, "has no ratings: it is empty");
}

TEST(RatingLayout, ColumnsAreNamesOrPositions) {
  EXPECT_EQ(found_in("a,b,c,d\n1,2,3,4\n", with_columns("user=d,item=c,rating=b,time=a")),
            "',', header, user=4 item=3 rating=2 time=1");
  EXPECT_EQ(found_in("1,2,3,4\n", with_columns(" rating = 1 , user=2,item=3")),
            "',', no header, user=2 item=3 rating=1");
}

TEST(RatingLayout, ColumnsThatAreNotThereAreRefused) {
  const std::string line = "1,2,3\n4,5,6\n";
  expect_refusal(ErrorKind::input, line, with_columns("user=1,item=2,rating=4"),
                 "without a header use positions 1 to 3");
  expect_refusal(ErrorKind::input, "a,b,c\n1,2,3\n", with_columns("user=a,item=b,rating=C"),
                 "the header has a, b, c");
  expect_refusal(ErrorKind::input, "1,2\n", {}, "is not cut into user, item and rating");
}

TEST(RatingLayout, ColumnsThatMakeNoSenseAreWrongUsage) {
  const std::string line = "1,2,3\n4,5,6\n";
  expect_refusal(ErrorKind::usage, line, with_columns("user=1,item=1,rating=3"),
                 "user and item are both column 1");
  expect_refusal(ErrorKind::usage, line, with_columns("user=1,user=2,rating=3"), "named twice");
  expect_refusal(ErrorKind::usage, line, with_columns("user=1,item=2"),
                 "must name user, item and rating");
  expect_refusal(ErrorKind::usage, line, with_columns("user=1,film=2,rating=3"),
                 "\"film\" is not user");
}

TEST(RatingLayout, TheDescriptionNamesADecimalThatIsNoPoint) {
  LayoutOptions options;
  options.decimal = ",";
  EXPECT_EQ(found_in("1;2;3,5\n", options), "';', no header, user=1 item=2 rating=3, decimal ','");
}

}  // namespace
}  // namespace nnrec::import
