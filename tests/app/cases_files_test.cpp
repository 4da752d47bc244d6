// Whole trials in the shape of what people met with comparable tools: the wrong file, columns in
// another order, other line ends, dates as text, pipes. tests/cases has their inputs by name.
#include <thread>

#include <sys/stat.h>

#include "support/archives.hpp"
#include "support/cases.hpp"

namespace nnrec::app {
namespace {
using ::testing::AllOf;
using testing::Cases;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(Cases, T01AnotherTableOfADataSetIsNotTakenForRatings) {
  expect_refused("T01/links.csv", {},
                 AllOf(HasSubstr("\"movieId\", \"imdbId\", \"tmdbId\""),
                       HasSubstr("no column is named as user"), HasSubstr("links to other sites")));
  expect_refused("T01/genome-scores.csv", {},
                 AllOf(HasSubstr("\"movieId\", \"tagId\", \"relevance\""), HasSubstr("tags")));
  expect_refused("T01", {}, HasSubstr("no file that is known to hold ratings"));
}

TEST_F(Cases, T03ARowNumberIsNoUser) {
  EXPECT_THAT(rows(prep("T03/ratings_index.csv")),
              ElementsAre("7 20 8", "7 24 9", "7 79 7", "8 20 10", "8 199 6", "9 24 8"));
  EXPECT_THAT(text_, HasSubstr("left aside: column 1 (row numbers)"));
  EXPECT_THAT(rows(prep("T03/known_names.csv")), ElementsAre("7 20 4", "7 24 5", "8 20 3"));
  expect_refused("T03/games_index.csv", {},
                 AllOf(HasSubstr("no column is named as item"),
                       HasSubstr("--columns user=user,item=NAME,rating=rating")));
  EXPECT_THAT(
      rows(prep("T03/games_index.csv",
                {"--columns", "user=user,item=ID,rating=rating", "--test-fraction", "0"})),
      ElementsAre("anna 30549 10", "bert 30549 8", "anna 822 7", "carl 822 9.5", "bert 13 6"));
}

TEST_F(Cases, T05TypedNamesDecideInAnyOrder) {
  const auto expected = ElementsAre("u1 i1 4 978300000", "u1 i2 3 978300001", "u2 i1 5 978300002");
  EXPECT_THAT(rows(prep("T05/order1.inter")), expected);
  EXPECT_THAT(rows(prep("T05/order2.inter")), expected);
}

TEST_F(Cases, T08DatesAsTextAreTimes) {
  EXPECT_THAT(rows(prep("T08/kaggle20m.csv")),
              ElementsAre("1 2 3.5 1112565227", "1 29 3.5 1112563876", "2 2 4 974907414",
                          "2 62 5 974907415"));
  EXPECT_THAT(text_, HasSubstr("4 of 4 times (100 %) are dates as text, read as UTC"));
  const auto set = prep("T08/netflix10k.csv", {"--split", "time", "--test-from", "1118000000"});
  EXPECT_THAT(rows(set), ElementsAre("7 16856 5 993513600", "7 8764 1 1113868800"));
}

TEST_F(Cases, T09AMatrixIsNotReadAsTriples) {
  expect_refused("T09/wide_header.csv", {},
                 HasSubstr("A matrix of users by items is read with --format matrix"));
  expect_refused("T09/wide.csv", {}, HasSubstr("of 5 columns 4 would be used"));
  expect_refused("T09/coat.ascii", {}, HasSubstr("of 8 columns 4 would be used"));
}

TEST_F(Cases, T10TheMatrixOfJesterNeedsItsNameAndNinetyNineIsNoRating) {
  expect_refused("T10/jester.csv", {}, HasSubstr("read with --format matrix"));
  expect_refused("T10/jester.csv", {"--scale", "-10:10", "--out-of-range", "drop"},
                 HasSubstr("read with --format matrix"));
  expect_refused("T10/jester.csv", {"--format", "matrix"}, HasSubstr("--missing 99"));
  const auto set = prep("T10/jester.csv", {"--format", "matrix", "--missing", "99", "--scale",
                                           "-10:10", "--test-fraction", "0"});
  EXPECT_THAT(rows(set), ElementsAre("1 1 -7.82", "1 2 8.79", "1 3 -9.66", "1 5 -7.52", "2 1 4.08",
                                     "2 2 -0.29", "2 3 6.36", "2 4 4.37", "2 5 -2.38", "3 4 9.03",
                                     "3 5 9.27", "4 1 8.35", "4 4 1.8", "4 5 8.16"));
  EXPECT_THAT(text_, HasSubstr("column 1, which counts the ratings of its row"));
}

TEST_F(Cases, T11CarriageReturnsAloneEndLines) {
  for (const char* input : {"T11/headerless.csv", "T11/headerless.data", "T11/header.csv"}) {
    EXPECT_EQ(ratings(prep(input)).size(), 5U) << input;
    EXPECT_THAT(text_, HasSubstr("lines end in carriage returns"));
  }
  EXPECT_THAT(rows(prep("T11/three.csv")), ElementsAre("1 10 4", "1 20 3", "2 10 2", "3 20 5"));
}

TEST_F(Cases, T17IdsThatDifferByPointZeroAreOne) {
  const Options files{"--split", "files", "--train", "train.csv", "--test", "test.csv"};
  const auto set = prep("T17", files);
  EXPECT_THAT(rows(set), ElementsAre("1 10 4", "2 10 5", "3 20 2"));
  EXPECT_EQ(set.manifest().user_count, 3U);
  EXPECT_THAT(text_, AllOf(HasSubstr("3 of 6 users (50.0 %) are written with .0, as 1.0"),
                           HasSubstr("cold in test: 0 of 3 users (0.0 %), 0 of 2 items (0.0 %), "
                                     "0 of 3 ratings (0.0 %)")));
}

TEST_F(Cases, T17AmongOtherIdsTheyStayApartAndTheTestPartIsSaidToBeCold) {
  write("fl/train.csv", "user,item,rating\n1.0,a,4\nx,a,3\n");
  const auto folder = write("fl/test.csv", "user,item,rating\n1,a,3\n").parent_path();
  prep_path(folder, {"--split", "files", "--train", "train.csv", "--test", "test.csv"});
  EXPECT_THAT(text_, AllOf(HasSubstr("warning: 1 users are written in two ways, as 1.0"),
                           HasSubstr("cold in test: 1 of 1 users (100 %), 0 of 1 items (0.0 %), "
                                     "1 of 1 ratings (100 %)")));
}

TEST_F(Cases, T19ValuesThatMeanNotRatedAreShownNamedOrLeftOut) {
  prep("T19/anime.csv");
  EXPECT_THAT(text_, HasSubstr("ratings lie from -1 to 10; --scale lo:hi would check them"));
  expect_refused(
      "T19/anime.csv", {"--scale", "1:10"},
      AllOf(HasSubstr("anime.csv:2:3: rating = -1 is outside 1..10"), HasSubstr("--missing")));
  const auto kept = ElementsAre("1 24 8", "2 24 10", "3 30 7");
  EXPECT_THAT(rows(prep("T19/anime.csv",
                        {"--scale", "1:10", "--out-of-range", "drop", "--test-fraction", "0"})),
              kept);
  EXPECT_THAT(text_, HasSubstr("5 of 8 ratings (62.5 %) are outside the scale: dropped"));
  EXPECT_THAT(rows(prep("T19/anime.csv", {"--missing", "-1", "--test-fraction", "0"})), kept);
  EXPECT_THAT(text_, HasSubstr("warning: 5 of 8 lines (62.5 %) have a value that stands for no "
                               "rating: left out; first at"));
  prep("T19/yahoo.txt");
  EXPECT_THAT(text_, HasSubstr("ratings lie from 0 to 255"));
  EXPECT_EQ(ratings(prep("T19/yahoo.txt",
                         {"--scale", "0:100", "--missing", "255", "--test-fraction", "0"}))
                .size(),
            4U);
  EXPECT_EQ(ratings(prep("T19/bx.csv")).size(), 3U) << "zeros are implicit";
  const Options all{"--missing", "none", "--scale", "0:10", "--test-fraction", "0"};
  EXPECT_EQ(ratings(prep("T19/bx.csv", all)).size(), 5U);
}

TEST_F(Cases, T21AFileOfAFilmIsNotReadAsTriples) {
  expect_refused("T21/mv_0000001.txt", {}, HasSubstr("mv_0000001.txt:1"));
  EXPECT_EQ(rows(prep("T21/combined_data_1.txt")).size(), 6U) << "with its films above, it is read";
}

TEST_F(Cases, T22AQuotedTextOverSeveralLinesIsOneRecord) {
  EXPECT_THAT(rows(prep("T22/reviews.csv")),
              ElementsAre("anna 30549 10", "bert 30549 8", "anna 822 7", "carl 822 9.5"));
  EXPECT_THAT(text_, HasSubstr("1 of 4 records (25.0 %) go over several lines, within quotes"));
  const Options skip{"--on-bad-line", "skip", "--max-bad", "90%", "--test-fraction", "0"};
  EXPECT_EQ(ratings(prep("T22/reviews.csv", skip)).size(), 4U);
  EXPECT_THAT(rows(prep("T22/trap.csv", skip)),
              ElementsAre("anna 30549 10", "bert 30549 8", "carl 30549 7"));
}

TEST_F(Cases, T22AQuoteThatStaysOpenStopsAlsoWhereBadLinesAreSkipped) {
  const std::string text = "user,item,rating,note\n1,10,4,\"oops\n2,11,3,x\n3,12,5,y\n";
  for (const Options& rule : {Options{}, {"--on-bad-line", "skip", "--max-bad", "90%"}}) {
    expect_text_refused("open.csv", text, rule,
                        AllOf(HasSubstr("open.csv:2:1: "), HasSubstr("is not closed")));
  }
}

TEST_F(Cases, T24NoRowOfAPipeIsLost) {
  std::string text;
  for (int row = 1; row <= 3000; ++row) {
    text += fmt::format("{},{},{},{}\n", row % 50, row % 77, row % 5 + 1, 978300000 + row);
  }
  const auto expected = rows(prep_text("r.csv", text));
  for (const bool packed : {false, true}) {
    if (packed) testing::write_archive(folder_ / "packed", testing::Packed::gz, {{"", text}});
    const auto bytes = packed ? testing::read_file(folder_ / "packed") : text;
    const auto pipe = folder_ / (packed ? "pipe.gz" : "pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { testing::write_file(pipe, bytes); });
    EXPECT_EQ(rows(prep_path(pipe)), expected);
    writer.join();
  }
}

// More of the same kinds.

TEST_F(Cases, TextsInUtf16AndUtf32AreReadAndSaid) {
  const std::string text = "user,item,rating\n1,10,4\n2,10,3\n";
  std::string utf16 = "\xFF\xFE";
  for (const char c : text) utf16 += std::string{c, '\0'};
  EXPECT_THAT(rows(prep_text("wide.csv", utf16)), ElementsAre("1 10 4", "2 10 3"));
  EXPECT_THAT(text_, HasSubstr("wide.csv: UTF-16 (little-endian)"));
  std::string utf32;
  for (const char c : text) utf32 += std::string{'\0', '\0', '\0', c};
  EXPECT_THAT(rows(prep_text("wide.csv", utf32)), ElementsAre("1 10 4", "2 10 3"));
}

TEST_F(Cases, StrictTakesNoRepair) {
  const auto expect_strict = [&](const std::string& rows, const char* what) {
    const std::string text = "user,item,rating,time\n" + rows;
    prep_text("strict.csv", text);
    expect_text_refused("strict.csv", text, {"--strict", "--scale", "-100:100"},
                        AllOf(HasSubstr("strict.csv:"), HasSubstr("--strict"), HasSubstr(what)));
  };
  expect_strict("1,10,4,978300000123\n", "in milliseconds");
  expect_strict("1,10,4,-5\n", "before 1970");
  expect_strict("1,10,4,0\n", "are 0, as where no time is known");
  expect_strict("1,10,4,978300000.5\n", "have a fraction");
  expect_strict("9.78044E+12,10,4,978300000\n", "as spreadsheets round");
  expect_strict("NULL,10,4,978300000\n", "may stand for no user or item");
  expect_strict("7\xC2\xA0,10,4,978300000\n", "a character that is not seen");
  expect_strict("1,10,4,2013\n", "before 1990 or still to come");
  expect_strict("1,10,4,978300000\n1,11,4,\n", "have no time");
  expect_strict("1,caf\xE9,4,978300000\n", "not UTF-8");
  expect_strict("1,10,4,978300000\n1,10,5,978300000\n", "repeat a (user, item)");
}

TEST_F(Cases, ATimeOfZeroIsSaidAndIsNeitherSecondsNorMilliseconds) {
  const std::string header = "user,item,rating,time\n";
  const Options all{"--test-fraction", "0"};
  EXPECT_THAT(rows(prep_text("a.csv", header + "1,2,3,978300000123\n1,3,4,0\n1,4,5,0\n", all)),
              ElementsAre("1 2 3 978300000", "1 3 4 0", "1 4 5 0"));
  EXPECT_THAT(text_, AllOf(HasSubstr("2 of 3 times (66.7 %) are 0, as where no time is known"),
                           HasSubstr("a.csv:3")));
  prep_text("a.csv", header + "ann,2,3,978300000\nann,3,4,0\n", all);
  EXPECT_THAT(text_, HasSubstr("1 of 2 times (50.0 %) are 0, as where no time is known"));
}

TEST_F(Cases, RatingsThatAreAllAlikeAreSaid) {
  const std::string log = "user,item,rating\n1,10,1\n2,10,1\n2,11,1\n";
  for (const Options& options : {Options{}, Options{"--scale", "1:5"}}) {
    prep_text("log.csv", log, options);
    EXPECT_THAT(text_, HasSubstr("warning: all ratings are 1: a model learns nothing from them"));
  }
}

TEST_F(Cases, AValueApartFromAllOthersIsSaid) {
  const auto said = [&](const std::string& rows, const Options& options = {}) {
    prep_text("a.csv", "user,item,rating\n" + rows, options);
    return text_;
  };
  const auto apart = HasSubstr("apart from the others");
  EXPECT_THAT(said("1,10,0\n1,11,3\n2,10,5\n2,11,0\n"),
              HasSubstr("warning: 2 of 4 ratings (50.0 %) are 0, apart from the others, which lie "
                        "from 3 to 5: --missing 0, if it stands for no rating"));
  EXPECT_THAT(said("1,10,-1\n1,11,1\n2,10,5\n"), HasSubstr("are -1, apart"));
  EXPECT_THAT(said("1,10,99\n1,11,1\n2,10,5\n"), HasSubstr("are 99, apart"));
  EXPECT_THAT(said("1,10,0\n1,11,0.5\n2,10,5\n2,11,3\n"), Not(apart)) << "half stars";
  EXPECT_THAT(said("1,10,-2\n1,11,-1\n2,10,2\n"), Not(apart));
  EXPECT_THAT(said("1,10,0\n1,11,1\n"), Not(apart)) << "liked or not";
  EXPECT_THAT(said("1,10,0\n1,11,3\n2,10,5\n", {"--scale", "0:5"}), Not(apart));
}

TEST_F(Cases, TimesThatAreNoneAsSecondsAreSaid) {
  for (const char* times : {"2013\n1,11,3,2014", "41394\n1,11,3,41395", "35\n1,11,3,978300000",
                            "9999-12-31\n1,11,3,2005-09-06"}) {
    prep_text("a.csv", fmt::format("user,item,rating,time\n1,10,4,{}\n", times), {});
    EXPECT_THAT(text_, AllOf(HasSubstr("before 1990 or still to come: kept (--time-format"),
                             HasSubstr("a.csv:2")));
  }
  prep_text("a.csv", "user,item,rating,time\n1,10,4,978300000\n1,11,3,0\n", {});
  EXPECT_THAT(text_, Not(HasSubstr("before 1990")));
}

TEST_F(Cases, AMarkWhereFilesWereJoinedMakesNoOtherUser) {
  expect_text_refused("a.csv",
                      "user,item,rating\n1,10,4\n\xEF\xBB\xBF"
                      "1,11,3\n",
                      {},
                      AllOf(HasSubstr("a.csv:3:1: user = "), HasSubstr("has a byte order mark")));
  expect_text_refused("b.csv",
                      "\xEF\xBB\xBF\xEF\xBB\xBF"
                      "1,10,4\n1,11,3\n",
                      {}, HasSubstr("b.csv:1:1: user = "));
}

TEST_F(Cases, TimesOfOneFileAreWrittenOneWay) {
  expect_text_refused("mixed.csv", "user,item,rating,time\n1,2,3,978300000\n1,3,3,2001-01-01\n", {},
                      AllOf(HasSubstr("mixed.csv:3: the time is a date"),
                            HasSubstr("in seconds at"), HasSubstr("mixed.csv:2")));
  EXPECT_THAT(rows(prep_text("german.csv", "user,item,rating,date\n1,2,3,31.12.2000 22:00\n",
                             {"--time-format", "%d.%m.%Y %H:%M", "--test-fraction", "0"})),
              ElementsAre("1 2 3 978300000"));
  expect_text_refused("german.csv", "user,item,rating,date\n1,2,3,31.12.2000 22:00\n", {},
                      HasSubstr("--time-format"));
}

TEST_F(Cases, FoldsWithColumnsInOtherOrdersAreJoined) {
  write("folds/a.csv", "user,item,rating\n1,10,4\n2,10,3\n");
  write("folds/b.csv", "rating,item,user\n5,11,1\n");
  write("folds/c.csv", "item,user,rating\n11,2,2\n");
  const auto set = prep_path(folder_ / "inputs/folds",
                             {"--split", "files", "--train", "a.csv,b.csv", "--test", "c.csv"});
  EXPECT_THAT(rows(set), ElementsAre("1 10 4", "2 10 3", "1 11 5"));
  EXPECT_EQ(set.manifest().split, "files train=a.csv,b.csv test=c.csv");
  EXPECT_EQ(set.manifest().rows(shards::Part::test), 1U);
}

TEST_F(Cases, FilesOfAnInputThatAreNotReadAreNamed) {
  write("ml/ratings.csv", "userId,movieId,rating\n1,10,4.5\n");
  write("ml/movies.csv", "movieId,title,genres\n10,A (1990),Drama\n");
  write("ml/links.csv", "movieId,imdbId,tmdbId\n10,1,2\n");
  prep_path(folder_ / "inputs/ml");
  EXPECT_THAT(text_, AllOf(HasSubstr("files left aside: links.csv"),
                           HasSubstr("ratings.csv: ml-csv, the header begins with userId"),
                           Not(HasSubstr("aside: movies.csv"))));
}

}  // namespace
}  // namespace nnrec::app
