#include "nnrec/import/format.hpp"

#include "support/archives.hpp"
#include "support/cases.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Netflix : public testing::Cases {};

TEST_F(Netflix, RatingsBelongToTheMovieAboveThem) {
  const auto set = prep_text("a.txt",
                             "1:\n1488844,3,2005-09-06\r\n822109,5,2005-05-13\n\n2:\n"
                             "822109,4,2005-10-19\n");
  EXPECT_THAT(rows(set), ElementsAre("1488844 1 3 1125964800", "822109 1 5 1115942400",
                                     "822109 2 4 1129680000"));
  EXPECT_THAT(text_, AllOf(HasSubstr("it begins with \"1:\""), HasSubstr("scale 1..5")));
}

TEST_F(Netflix, AFolderOfFilesIsOneSetWithTitlesOfBareCommas) {
  write("nf/combined_data_1.txt", "1:\n7,3,2005-09-06\n");
  write("nf/combined_data_2.txt", "2:\n7,5,2005-09-07\n8,1,2005-09-07\n");
  write("nf/qualifying.txt", "1:\n9,2005-09-06\n");
  write("nf/probe.txt", "1:\n9\n");
  const auto titles =
      write("nf/movie_titles.csv", "1,2003,Dinosaur Planet\n2,NULL,Caf\xE9, The, Again\n");
  const auto set = prep_path(titles.parent_path());
  EXPECT_THAT(rows(set), ElementsAre("7 1 3 1125964800", "7 2 5 1126051200", "8 2 1 1126051200"));
  EXPECT_THAT(set.catalogue().titles,
              ElementsAre("Dinosaur Planet (2003)", "Caf\xC3\xA9, The, Again"));
}

TEST_F(Netflix, AnArchiveOfTheOriginalHasItsTitlesOneFolderUp) {
  const auto path = folder_ / "nf.zip";
  testing::write_archive(path, testing::Packed::zip,
                         {{"nf/movie_titles.txt", "1,2003,Dinosaur Planet\n2,2004,Isle\n"},
                          {"nf/training_set/mv_0000001.txt", "1:\n7,3,2005-09-06\n"},
                          {"nf/training_set/mv_0000002.txt", "2:\n7,4,2005-09-06\n"}});
  EXPECT_THAT(prep_path(path).catalogue().titles,
              ElementsAre("Dinosaur Planet (2003)", "Isle (2004)"));
}

TEST_F(Netflix, AMovieGoesOnOverBlocks) {
  std::string text = "17:\n";
  for (int user = 0; user < 20000; ++user)
    text += fmt::format("{},{},2005-09-06\n", user, user % 5 + 1);
  const auto set = prep_text("a.txt", text + "18:\n1,1,2005-09-06\n");
  const auto all = rows(set);
  ASSERT_EQ(all.size(), 20001U);
  EXPECT_EQ(all[19999], "19999 17 5 1125964800");
  EXPECT_EQ(all[20000], "1 18 1 1125964800");
}

TEST_F(Netflix, WhatIsNoRatingIsRefusedByItsPlace) {
  const Options none;
  expect_text_refused("a.txt", "1:\n7,3,2005-09-06\n8,4\n", none,
                      HasSubstr("a.txt:3:1: \"8,4\" has 2 fields, not customer,rating,date"));
  expect_text_refused("a.txt", "1:\n7,3,2005-09-06\n8,6,2005-09-06\n", none,
                      HasSubstr("a.txt:3:2: rating = 6 is outside 1..5"));
  expect_text_refused("a.txt", "7,3,2005-09-06\n", {"--format", "netflix"},
                      HasSubstr("has no line like \"12:\" above that names its movie"));
}

TEST_F(Netflix, OptionsOfTablesAreRefused) {
  const auto path = write("a.txt", "1:\n1488844,3,2005-09-06\n");
  testing::expect_error(ErrorKind::usage,
                        HasSubstr("--separator: Netflix Prize has its own layout"), [&] {
                          prep_path(path, {"--separator", ","});
                        });
}

}  // namespace
}  // namespace nnrec::importing
