#include "nnrec/import/rating_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

#include "support/expect_error.hpp"

namespace nnrec::importing {
namespace {

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr std::int64_t kNow = 1'800'000'000;

RatingLayout layout_of(std::string_view head, LayoutOptions options = {}) {
  if (options.now == 0) options.now = kNow;
  return find_layout({head, true}, options, "ratings.txt");
}

/// As description() says it, which is what a user reads.
std::string found_in(std::string_view head, const LayoutOptions& options = {}) {
  return layout_of(head, options).description();
}

template <typename Matcher>
void expect_refusal(ErrorKind kind, std::string_view head, const LayoutOptions& options,
                    const Matcher& message) {
  expect_error(kind, message, [&] { layout_of(head, options); });
}
void expect_refusal(ErrorKind kind, std::string_view head, const LayoutOptions& options,
                    const char* text) {
  expect_refusal(kind, head, options, HasSubstr(text));
}

LayoutOptions with_columns(const std::string& columns) {
  LayoutOptions options;
  options.columns = columns;
  return options;
}
LayoutOptions with_header(HeaderRule rule) {
  LayoutOptions options;
  options.header = rule;
  return options;
}
LayoutOptions with_known_order() {
  LayoutOptions options;
  options.known_order = "a known set";
  return options;
}

TEST(RatingLayout, KnownFilesAreUnderstoodByTheirFirstLines) {
  EXPECT_EQ(found_in("196\t242\t3\t881250949\n186\t302\t3\t891717742\n"),
            "tab, no header, 4 columns, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("1::1193::5::978300760\n1::661::3::978302109\n"),
            "'::', no header, 4 columns, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n"),
            "',', header, 4 columns, user=1 item=2 rating=3 time=4");
  EXPECT_EQ(found_in("\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"276725\";\"034545104X\";\"0\"\n"),
            "';', header, 3 columns, user=1 item=2 rating=3");
}

// With a header.

TEST(RatingLayout, NamesInTheHeaderSayWhereColumnsStand) {
  EXPECT_EQ(found_in("Timestamp,Rating,Item_ID,User ID\n1,2,3,4\n"),
            "',', header, 4 columns, user=4 item=3 rating=2 time=1");
  EXPECT_EQ(found_in("item_id:token\tuser_id:token\ttimestamp:float\trating:float\n"
                     "i1\tu1\t978300000\t4\n"),
            "tab, header, 4 columns, user=2 item=1 rating=4 time=3");
  EXPECT_EQ(found_in("review/score;review/time;product/productId;review/userId\n4;1;a;b\n"),
            "';', header, 4 columns, user=4 item=3 rating=1 time=2");
}

TEST(RatingLayout, EveryBindingIsSaidInASentence) {
  const auto layout = layout_of(",user_id,anime_id,rating,note\n0,7,20,8,a\n1,7,24,9,b\n");
  EXPECT_THAT(layout.evidence,
              ::testing::ElementsAre("user = column 2 \"user_id\", by its name",
                                     "item = column 3 \"anime_id\", by its name",
                                     "rating = column 4 \"rating\", by its name",
                                     "left aside: columns 1 (row numbers), 5 \"note\""));
}

TEST(RatingLayout, ARoleThatNoNameSettlesStopsWithAReadyLine) {
  expect_refusal(ErrorKind::input, ",user,rating,comment,ID,name\n0,anna,10,,30549,Fever\n", {},
                 AllOf(HasSubstr("ratings.txt:1: no column is named as item"),
                       HasSubstr("\"\", \"user\", \"rating\", \"comment\", \"ID\", \"name\""),
                       HasSubstr("--columns user=user,item=NAME,rating=rating")));
  expect_refusal(ErrorKind::input, "who,what,how_much\na,b,3\n", {}, "no column is named as user");
  expect_refusal(ErrorKind::input, "user,item,timestamp\n1,2,978300000\n", {},
                 "no column is named as rating");
}

TEST(RatingLayout, AReadyLineSurvivesAShell) {
  expect_refusal(ErrorKind::input, "Rated At,Your Rating,Const,User ID\n978300000,3,tt1,7\n", {},
                 HasSubstr("--columns 'user=User ID,item=NAME,rating=Your Rating,time=Rated At' "));
  expect_refusal(ErrorKind::input, "User 'id',rating,x\n7,3,1\n", {},
                 HasSubstr("--columns 'user=User '\\''id'\\'',item=NAME,rating=rating' "));
  expect_refusal(ErrorKind::input, "\"user,id\",rating,x\n7,3,1\n", {},
                 HasSubstr("--columns user=1,item=NAME,rating=rating "));
}

TEST(RatingLayout, TablesOfOtherThingsAreCalledWhatTheyAre) {
  const auto expect_kind = [](const char* head, const char* kind) {
    expect_refusal(ErrorKind::input, head, {}, kind);
  };
  expect_kind("movieId,imdbId,tmdbId\n1,0400001,901\n", "a table of links to other sites");
  expect_kind("movieId,tagId,relevance\n1,1,0.025\n", "a table of tags");
  expect_kind("userId,movieId,tag,timestamp\n1,2,funny,1139045764\n", "a table of tags");
  expect_kind("movieId,title,genres\n1,Toy,Comedy\n2,Boy,Drama\n", "a table of items");
  expect_kind("userId,age,gender\n1,24,M\n", "a table of users");
  expect_kind("userId,1,2,3,4,5\n11,5,3,0,1,2\n",
              "A matrix of users by items is read with --format matrix");
}

TEST(RatingLayout, TwoCandidatesForARoleAreRefused) {
  expect_refusal(ErrorKind::input, "user,item,rating,rating\n1,2,3,4\n", {},
                 "2 columns are named as rating: \"rating\", \"rating\"");
  expect_refusal(ErrorKind::input, "user,item,rating,score\n1,2,3,4\n", {},
                 "named as rating: \"rating\", \"score\"");
  expect_refusal(ErrorKind::input, "user,customer_id,item,rating\n1,2,3,4\n", {}, "named as user");
  expect_refusal(ErrorKind::input, "user,asin,parent_asin,rating\n1,2,3,4\n", {}, "named as item");
  expect_refusal(ErrorKind::input, "user,item,rating,time,date\n1,2,3,5,6\n", {},
                 "named as time: \"time\", \"date\"");
}

TEST(RatingLayout, ATableWhoseRolesAreNamedTwiceIsNoMatrix) {
  for (const char* head : {"user,user,item,rating\n1,2,10,4\n3,2,11,5\n",
                           "user,customer,movie,stars\n1,7,10,4\n2,8,11,5\n"}) {
    expect_refusal(
        ErrorKind::input, head, {},
        AllOf(HasSubstr("2 columns are named as user"), Not(HasSubstr("--format matrix"))));
  }
  expect_refusal(ErrorKind::input, "user,a1,b2,c3\n1,7,10,4\n2,8,11,5\n", {},
                 HasSubstr("--format matrix"));
}

TEST(RatingLayout, WithoutAHeaderProductsInFrontOfReviewersAreNoUsers) {
  const std::string products =
      "0439886341,A1YJEY40YUW4SE,1.0,1334707200\nB00004CQT3,A60XNB876KYML,3.0,1383089000\n";
  expect_refusal(ErrorKind::input, products, {},
                 HasSubstr("--columns user=2,item=1,rating=3,time=4"));
  EXPECT_EQ(layout_of("A1YJEY40YUW4SE,0439886341,1.0,1334707200\n").user, 0U);
  EXPECT_EQ(layout_of("0439886341,ALICEALICEX,1.0\n123,ALICEALICEX,1.0\n").user, 0U)
      << "not all are like products";
}

TEST(RatingLayout, AFirstLineThatIsNotCutAsTheOthersIsNamed) {
  for (const char* first :
       {"# made by hand", "sep=;", "\"user\";\"item\";\"rating\"", "Ratings made by hand"}) {
    expect_refusal(ErrorKind::input, fmt::format("{}\n1;10;20;4\n2;11;20;3\n3;11;21;3\n", first),
                   {}, AllOf(HasSubstr("ratings.txt:1: "), HasSubstr("into 4 fields by ';'")));
  }
}

TEST(RatingLayout, ListsBetweenBracketsAreNamed) {
  for (const char* text :
       {"[1, 10, 4]\n[2, 20, 3]\n", "(1, 10, 4, 1365029107, 'x')\n(2, 20, 3, 1365029107, 'y')\n"}) {
    expect_refusal(ErrorKind::input, text, {},
                   AllOf(HasSubstr("is a list between brackets"), HasSubstr("tr -d '[]()'")));
  }
  EXPECT_EQ(layout_of("[x] y,10,4\n(a),20,3\n").user, 0U) << "brackets of ids";
}

TEST(RatingLayout, AHeaderThatMayBeACommentIsSaidToBe) {
  expect_refusal(ErrorKind::input, "% bip unweighted\n% 4 3\n1 10 4\n", {},
                 AllOf(HasSubstr("If it is a comment, take it away"), Not(HasSubstr("matrix"))));
  EXPECT_TRUE(layout_of("#user,item,rating\n1,10,4\n").header);
}

TEST(RatingLayout, AnIdStandsForItselfBesideItsName) {
  EXPECT_EQ(layout_of("movie,movieId,userId,user_name,rating\nToy,1,2,anna,3\n").item, 1U);
  EXPECT_EQ(layout_of("movie,movieId,userId,user_name,rating\nToy,1,2,anna,3\n").user, 2U);
  // Of two ways to write a time, the number.
  EXPECT_EQ(layout_of("user,item,rating,date,timestamp\n1,2,3,2005-09-06,1126000000\n").time, 4U);
}

TEST(RatingLayout, AHeaderIsToldFromRatings) {
  EXPECT_FALSE(layout_of("1,2,x\n3,4,5\n3,4,5\n").header) << "a bad line among good ones";
  EXPECT_FALSE(layout_of("anna,book,5\nbert,film,4\n").header) << "words of items above words";
  EXPECT_TRUE(layout_of("user,item,rating\n").header) << "also where nothing follows";
  EXPECT_TRUE(layout_of("1,2,3\n3,4,5\n",
                        [] {
                          auto options = with_columns("user=1,item=2,rating=3");
                          options.header = HeaderRule::yes;
                          return options;
                        }())
                  .header);
  EXPECT_FALSE(layout_of("7,b,5\n3,4,5\n", with_header(HeaderRule::no)).header);
  // A matrix of two items is no three columns: its header names a user.
  expect_refusal(ErrorKind::input, "userId,1,2\n11,5,3\n12,4,0\n", {},
                 "no column is named as item");
  expect_refusal(ErrorKind::input, "0,1,2\n196,242,3\n", {}, "a header that counts the columns");
  EXPECT_FALSE(layout_of("0,1,2\n196,242,3\n", with_header(HeaderRule::no)).header);
}

// Without a header.

TEST(RatingLayout, AFourthColumnIsATimeOnlyIfItLooksLikeOne) {
  for (const char* time : {"978300000", "978300000123", "978300000.0", "2005-09-06",
                           "2005-04-03 21:53:47", "2005-04-03T21:53:47Z"}) {
    EXPECT_EQ(layout_of(fmt::format("1,2,3,{}\n", time)).time, 3U) << time;
  }
  for (const char* other : {"4", "631151999", "1800100000", "20050906x", "a review", "0.5"}) {
    expect_refusal(ErrorKind::input, fmt::format("1,2,3,{}\n", other), {},
                   "the fourth of 4 columns is no time from 1990 on");
  }
  EXPECT_FALSE(layout_of("1,2,3\n").time);
  EXPECT_FALSE(layout_of("1,2,3,\n4,5,3,\n").time) << "an empty column is none";
}

TEST(RatingLayout, MoreColumnsThanUsedStop) {
  expect_refusal(ErrorKind::input, "5,3,0,1,2\n4,0,0,1,4\n", {},
                 AllOf(HasSubstr("of 5 columns 4 would be used"),
                       HasSubstr("A matrix of users by items is read with --format matrix")));
  expect_refusal(ErrorKind::input, "0 0 4 0 0 1 0 5\n3 0 0 2 0 0 0 0\n", {}, "of 8 columns");
  expect_refusal(ErrorKind::input, "1,2,3,978300000,7\n", {}, "of 5 columns");
  // Behind a time, text is nothing that would be used.
  const auto layout = layout_of("31\t1\t4\t978300000\tGlass Key\n31\t2\t3\t978300001\t\"Half\n");
  EXPECT_EQ(layout.time, 3U);
  EXPECT_EQ(layout.evidence.back(), "left aside: column 5");
}

TEST(RatingLayout, ARowNumberIsRecognisedOrNamed) {
  const auto layout = layout_of("0,196,242,3,881250949\n1,186,302,3,891717742\n");
  EXPECT_EQ(layout.user, 1U);
  EXPECT_EQ(layout.time, 4U);
  EXPECT_EQ(layout.evidence.back(), "left aside: column 1 (row numbers)");
  expect_refusal(ErrorKind::input, "0,196,242,3\n1,186,302,3\n", {},
                 "--columns user=2,item=3,rating=4 (the first counts the lines)");
}

TEST(RatingLayout, ValuesThatAreNotLikeRatingsStop) {
  expect_refusal(ErrorKind::input, "1,0400001,901\n2,0400002,8902\n", {},
                 "column 3 would be the rating, and goes from 901 to 8902");
  expect_refusal(ErrorKind::input, "1488,3,2005-09-06\n8221,5,2005-05-13\n", {},
                 "rating = \"2005-09-06\" is no number");
  expect_refusal(ErrorKind::input, "1,2,978300000\n", {}, "goes from 978300000");
  expect_refusal(ErrorKind::input, "1;2;3,5\n4;5;4,0\n", {}, "is it --decimal ','?");
  LayoutOptions scaled;
  scaled.ratings_are_checked = true;
  EXPECT_EQ(layout_of("1,2,901\n2,3,8902\n", scaled).rating, 2U);
}

TEST(RatingLayout, AKnownOrderNeedsNoEvidenceOfValues) {
  EXPECT_EQ(layout_of("1\t2\t3\t4\n", with_known_order()).time, 3U);
  EXPECT_FALSE(layout_of("1\t2\t3\n", with_known_order()).time);
  expect_refusal(ErrorKind::input, "1\t2\t3\t4\t5\n", with_known_order(), "has 5 fields");
  EXPECT_EQ(layout_of("item\tuser\trating\n1\t2\t3\n", with_known_order()).user, 1U)
      << "a header says more";
}

TEST(RatingLayout, DaysAsNumbersAreNotSeconds) {
  const std::string head = "user,item,rating,date\n1,2,3,20050906\n1,3,3,20050907\n";
  expect_refusal(ErrorKind::input, head, {}, "--time-format %Y%m%d");
  LayoutOptions options;
  options.time_format = "%Y%m%d";
  EXPECT_EQ(layout_of(head, options).time, 3U);
  expect_refusal(ErrorKind::input, "user,item,rating,date\n1,2,3,20050906235347\n", {},
                 "days like 20050906235347. Say --time-format %Y%m%d%H%M%S");
  expect_refusal(ErrorKind::input, "user,item,rating,date\n1,2,3,200509062353\n", {},
                 "--time-format %Y%m%d%H%M,");
}

// Separators and quotes.

TEST(RatingLayout, TheSeparatorIsTheOneThatCutsMostLinesAlike) {
  LayoutOptions options;
  options.decimal = ",";
  EXPECT_EQ(layout_of("1;2;3,5\n4;5;4,0\n", options).separator, ";");
  EXPECT_EQ(layout_of("1 2 3\n4 5 6\n").separator, " ");
  EXPECT_EQ(layout_of("1,Heat: a film,3\n4,b c d,5\n").separator, ",");
  EXPECT_EQ(layout_of("1\ta,b,c\t3\n4\td,e,f\t5\n").separator, "\t");
  EXPECT_EQ(layout_of("1,2,3\n").quoting, Quoting::rfc4180);
  EXPECT_EQ(layout_of("1\t2\t3\n").quoting, Quoting::none);
}

TEST(RatingLayout, TwoSeparatorsThatCutAlikeAreRefused) {
  expect_refusal(ErrorKind::input, "1,10,4,7;8;9\n1,11,5,6;5;4\n", {},
                 AllOf(HasSubstr("is cut by ';' and ',' alike"), HasSubstr("--separator")));
  expect_refusal(ErrorKind::input, "1::2::3\t4\t5\n", {}, "is cut by '::' and tab alike");
}

TEST(RatingLayout, QuotesOutsideCsvAreOnesOnlyWhereAllStandAroundFields) {
  EXPECT_EQ(layout_of("\"u1\"\t\"i1\"\t5\n\"u2\"\t\"i\"\"2\"\t4\n").quoting, Quoting::one_line);
  EXPECT_EQ(layout_of("u1\t\"Half\t5\nu2\tFull\"\t4\n").quoting, Quoting::none);
}

TEST(RatingLayout, BackslashesBeforeQuotesAreToldFromDoubledQuotes) {
  EXPECT_EQ(layout_of("\"1\";\"say \\\"no\\\"\";\"5\"\n\"2\";\"b\";\"4\"\n").quoting,
            Quoting::backslash);
  EXPECT_EQ(layout_of("\"1\";\"say \"\"no\"\"\";\"5\"\n").quoting, Quoting::rfc4180);
}

TEST(RatingLayout, ARecordThatTheHeadCutsOffDecidesNothing) {
  const TextHead head{"user,item,rating,note\n1,2,3,\"a\nb\"\n4,5,3,\"goes on\n", false};
  const auto layout = find_layout(head, {}, "ratings.txt");
  EXPECT_EQ(layout.fields, 4U);
}

TEST(RatingLayout, AWrongSeparatorIsRefusedWithAGuess) {
  LayoutOptions options;
  options.separator = ";";
  expect_refusal(ErrorKind::input, "1,2,3\n", options,
                 "no separator ';' found on line 1 (is it ','?)");
  expect_refusal(ErrorKind::input, "one word\n", {}, "ratings.txt:1: \"one word\" is not cut into");
  expect_refusal(ErrorKind::input, "1,2\n", {}, "is not cut into user, item and rating");
  expect_refusal(ErrorKind::input, "\n \n", {}, "has no ratings: it is empty");
}

// --columns.

TEST(RatingLayout, ColumnsAreNamesOrPositions) {
  EXPECT_EQ(found_in("a,b,c,d\n1,2,3,4\n", with_columns("user=d,item=c,rating=b,time=a")),
            "',', header, 4 columns, user=4 item=3 rating=2 time=1");
  EXPECT_EQ(found_in("1,2,3,4\n", with_columns(" rating = 1 , user=2,item=3")),
            "',', no header, 4 columns, user=2 item=3 rating=1");
  EXPECT_EQ(found_in("5,3,2,9\n4,3,2,9\n", with_columns("user=2,item=3,rating=1")),
            "',', no header, 4 columns, user=2 item=3 rating=1");
}

TEST(RatingLayout, ColumnsThatAreNotThereAreRefused) {
  const std::string line = "1,2,3\n4,5,6\n";
  expect_refusal(ErrorKind::input, line, with_columns("user=1,item=2,rating=4"),
                 "without a header use positions 1 to 3");
  expect_refusal(ErrorKind::input, "a,b,c\n1,2,3\n", with_columns("user=a,item=b,rating=C"),
                 "the header has \"a\", \"b\", \"c\"");
  expect_refusal(ErrorKind::input, "a,b,b\n1,2,3\n", with_columns("user=a,item=b,rating=3"),
                 "2 columns are named \"b\"");
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
  EXPECT_EQ(found_in("1;2;3,5\n", options),
            "';', no header, 3 columns, user=1 item=2 rating=3, decimal ','");
}

TEST(RatingLayout, AFormOfTimesWithoutTimesIsRefused) {
  LayoutOptions options;
  options.time_format = "%Y%m%d";
  expect_refusal(ErrorKind::input, "user,item,rating\n1,2,3\n", options,
                 "no column is known to have the times that --time-format is about");
}

TEST(RatingLayout, WhatAFormatDoesNotLookAtIsRefused) {
  LayoutOptions options;
  options.separator = ";";
  options.header = HeaderRule::no;
  options.columns = "user=1,item=2,rating=3";
  EXPECT_THAT(
      [&] {
        require_unsaid(options, {"separator", "header"}, "Netflix Prize");
      },
      ::testing::ThrowsMessage<UsageError>(
          "--separator, --header: Netflix Prize has its own layout, which this does not "
          "change. Leave them out."));
  EXPECT_NO_THROW(require_unsaid(options, {"decimal", "time-format"}, "HDF5"));
}

}  // namespace
}  // namespace nnrec::importing
