#include "import/file_choice.hpp"

#include "support/archives.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::string_literals;

constexpr const char* kRatings = "userId,movieId,rating\n1,10,4.5\n2,10,3.0\n";
constexpr const char* kLinks = "movieId,imdbId,tmdbId\n10,0114709,862\n";

class FileChoice : public ::testing::Test {
 protected:
  using Files = std::vector<std::pair<std::string, std::string>>;

  FileChoice() { options_.now = 1'800'000'000; }

  /// Of a folder with these files: "format: path, path".
  std::string choice_of(const Files& files) {
    const auto folder = folder_ / std::to_string(++trees_);
    std::filesystem::create_directory(folder);
    for (const auto& [name, text] : files) testing::write_file(folder / name, text);
    return chosen_from(folder);
  }
  std::string choice_of_archive(const Files& files) {
    const auto path = folder_ / (std::to_string(++trees_) + ".zip");
    testing::write_archive(path, testing::Packed::zip, files);
    return chosen_from(path);
  }
  std::string chosen_from(const std::filesystem::path& path) {
    const auto tree = std::make_shared<io::InputTree>(path);
    std::string text;
    for (const auto& file : choose_files(tree, {told_, options_})) {
      text += (text.empty() ? std::string(file.format->name()) + ": " : ", ") + file.view.path();
      EXPECT_FALSE(file.evidence.empty());
    }
    return text;
  }
  template <typename Choose, typename Matcher>
  void expect_refusal(const Matcher& message, const Choose& choose) {
    expect_error(ErrorKind::input, message, choose);
  }

  testing::TemporaryFolder folder_;
  LayoutOptions options_;
  const Format* told_ = nullptr;
  int trees_ = 0;
};

TEST_F(FileChoice, ANameOfAKnownSetIsTakenWhereItsNeighboursAgree) {
  EXPECT_EQ(choice_of({{"ratings.csv", kRatings},
                       {"movies.csv", "movieId,title,genres\n"},
                       {"links.csv", kLinks},
                       {"README.txt", "About, these, files\n"}}),
            "ml-csv: ratings.csv");
  EXPECT_EQ(choice_of({{"u.data", "1\t2\t3\t5\n"}, {"u1.base", "1\t2\t3\t5\n"}, {"u.item", "x"}}),
            "ml-100k: u.data")
      << "official folds are no other candidates";
  EXPECT_EQ(choice_of({{"ratings.dat", "1::0104257::8::978300000\n"},
                       {"movies.dat", "0104257::A Few (1992)::Drama\n"}}),
            "movietweetings: ratings.dat")
      << "a catalogue cut alike is no other candidate";
  EXPECT_EQ(choice_of({{"ratings.csv", kRatings}}), "delimited: ratings.csv");
}

TEST_F(FileChoice, WithoutAKnownNameTheOneFileOfRatingsIsFound) {
  EXPECT_EQ(choice_of({{"mine.csv", kRatings}, {"links.csv", kLinks}, {"notes", "some text\n"}}),
            "delimited: mine.csv");
}

TEST_F(FileChoice, OfAFolderOfJsonTheReviewsAreTaken) {
  EXPECT_EQ(choice_of({{"business.json", "{\"business_id\":\"b\",\"stars\":4,\"name\":\"B\"}\n"},
                       {"user.json", "{\"user_id\":\"u\",\"average_stars\":4,\"name\":\"U\"}\n"},
                       {"review.json",
                        "{\"review_id\":\"r\",\"user_id\":\"u\",\"business_id\":\"b\",\"stars\":4,"
                        "\"date\":\"2018-07-07 22:09:11\"}\n"}}),
            "json: review.json");
  const auto folder = folder_ / "alone";
  std::filesystem::create_directory(folder);
  testing::write_file(folder / "user.json", "{\"user_id\":\"u\",\"stars\":4,\"name\":\"U\"}\n");
  const auto tree = std::make_shared<io::InputTree>(folder / "user.json");
  EXPECT_EQ(choose_files(tree, {nullptr, options_}).front().format->name(), "json")
      << "it says what is missing";
}

TEST_F(FileChoice, TwoCandidatesAreRefusedByName) {
  expect_refusal(AllOf(HasSubstr("several files of ratings"), HasSubstr("a.csv, b.csv")), [&] {
    choice_of({{"a.csv", kRatings}, {"b.csv", kRatings}});
  });
  expect_refusal(HasSubstr("ratings.csv, predictions.csv"), [&] {
    choice_of({{"ratings.csv", kRatings},
               {"movies.csv", "movieId,title,genres\n"},
               {"predictions.csv", "user,item,rating\n1,2,3\n"}});
  });
  expect_refusal(HasSubstr("u.data, ratings.csv"), [&] {
    choice_of({{"u.data", "1\t2\t3\t5\n"},
               {"u.item", "x"},
               {"ratings.csv", kRatings},
               {"movies.csv", "movieId,title,genres\n"}});
  });
}

TEST_F(FileChoice, WithinArchivesFilesHaveTheirPaths) {
  const std::string movies = "movieId,title,genres\n";
  EXPECT_EQ(choice_of_archive({{"ml/ratings.csv", kRatings},
                               {"ml/movies.csv", movies},
                               {"__MACOSX/ml/._ratings.csv", "x"}}),
            "ml-csv: ml/ratings.csv");
  // The catalogue of another folder is not the ratings' own.
  EXPECT_EQ(choice_of_archive({{"a/ratings.csv", kRatings}, {"b/movies.csv", movies}}),
            "delimited: a/ratings.csv");
  expect_refusal(AllOf(HasSubstr("several files of ratings"), HasSubstr("a/ratings.csv"),
                       HasSubstr("b/ratings.csv")),
                 [&] {
                   choice_of_archive({{"a/ratings.csv", kRatings},
                                      {"a/movies.csv", movies},
                                      {"b/ratings.csv", kRatings},
                                      {"b/movies.csv", movies}});
                 });
}

TEST_F(FileChoice, AFolderWithoutRatingsIsRefusedWithWhatItHas) {
  expect_refusal(AllOf(HasSubstr("no file that is known to hold ratings"), HasSubstr("links.csv")),
                 [&] {
                   choice_of({{"links.csv", kLinks}, {"notes", "text\n"}});
                 });
}

TEST_F(FileChoice, AFolderOfFoldersOnlySaysThatFilesLieDeeper) {
  std::filesystem::create_directories(folder_ / "outer/inner");
  testing::write_file(folder_ / "outer/inner/ratings.csv", kRatings);
  const auto tree = std::make_shared<io::InputTree>(folder_ / "outer");
  expect_refusal(HasSubstr("has no files, or in its own folders only"), [&] {
    choose_files(tree, {nullptr, options_});
  });
}

TEST_F(FileChoice, LargeTreesAreKnownByNamesOnly) {
  Files files{{"u.data", "1\t2\t3\t5\n"}};
  for (int file = 0; file < 70; ++file) files.emplace_back(fmt::format("{}.csv", file), kRatings);
  EXPECT_EQ(choice_of(files), "ml-100k: u.data");
  files.front().first = "other";
  expect_refusal(HasSubstr("and 59 more"), [&] { choice_of(files); });
}

TEST_F(FileChoice, TwoFilesThatAreASplitGetALineForIt) {
  expect_refusal(AllOf(HasSubstr("several files of ratings"),
                       HasSubstr("--split files --train my_Train.csv --test my_Test.csv")),
                 [&] {
                   choice_of({{"my_Test.csv", kRatings}, {"my_Train.csv", kRatings}});
                 });
  expect_refusal(::testing::Not(HasSubstr("--split")), [&] {
    choice_of({{"train_test.csv", kRatings}, {"x.csv", kRatings}});
  });
}

TEST_F(FileChoice, WhatTheUserSaysOfColumnsCounts) {
  options_.columns = "user=a,item=b,rating=c";
  EXPECT_EQ(choice_of({{"x.csv", "a,b,c\n1,2,3\n"}, {"links.csv", kLinks}}), "delimited: x.csv");
}

TEST_F(FileChoice, OtherKindsOfFilesGetTheirNameAndOneRemedy) {
  const auto expect_kind = [&](const std::string& bytes, const char* kind, const char* remedy) {
    expect_refusal(AllOf(HasSubstr("file: is "), HasSubstr(kind), HasSubstr(remedy)), [&] {
      testing::write_file(folder_ / "file", bytes);
      chosen_from(folder_ / "file");
    });
  };
  expect_kind("PAR1\x15\x04"s + std::string(50, '\0'), "a Parquet file", "read_parquet");
  expect_kind("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s + std::string(50, '\0'), "spreadsheet",
              "Save the sheet as CSV");
  expect_kind("SQLite format 3\0"s + std::string(50, '\0'), "an SQLite database", "sqlite3");
  expect_kind("\x93NUMPY\x01\0v\0"s, "a NumPy array", "savetxt");
  expect_kind("MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB file before version 7.3", "-v7.3");
  expect_kind("\x80\x04\x95"s + std::string(9, '\0'), "a Python pickle", "to_csv");
  expect_kind("RDX3\nX\n", "an R data file", "write.csv");
  expect_kind("<!DOCTYPE html><html>", "a web page", "login page");
  expect_kind("<HTML><body>404, Not, Found</body>", "a web page", "login page");
  expect_kind("@relation r\n@attribute user numeric\n@data\n1,2,3\n", "an ARFF file", "@data away");
  expect_kind("INSERT INTO ratings VALUES (1,2,3),(2,3,4);\n", "a script of SQL", "as CSV");
  expect_kind("--\n-- PostgreSQL database dump\n--\n", "a script of SQL", "as CSV");
  expect_kind("{\\rtf1\\ansi\n1,2,3\\par\n}", "(RTF)", "Save it as CSV");
  expect_kind("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n",
              "a pointer of Git LFS", "git lfs pull");
  expect_kind("ARROW1\0\0"s, "an Arrow (Feather) file", "read_feather");
  expect_kind("ORC\x12"s, "an ORC file", "read_orc");
  expect_kind("7z\xBC\xAF\x27\x1C", "a 7-Zip archive", "Unpack it first");
  expect_kind("\x01\x02\0\x03\0\0\x07"s, "a binary file", "Convert it to CSV");
}

TEST_F(FileChoice, ASpreadsheetIsNoArchiveOfRatings) {
  const Files sheet{{"[Content_Types].xml", "<?xml version=\"1.0\"?>"},
                    {"xl/workbook.xml", "<?xml version=\"1.0\"?>"},
                    {"xl/worksheets/sheet1.xml", "<?xml version=\"1.0\"?>"}};
  expect_refusal(AllOf(HasSubstr("a spreadsheet (.xlsx)"), HasSubstr("Save the sheet as CSV")),
                 [&] { choice_of_archive(sheet); });
  const Files open_sheet{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
                         {"content.xml", "<?xml version=\"1.0\"?>"}};
  expect_refusal(HasSubstr("a spreadsheet (.ods)"), [&] { choice_of_archive(open_sheet); });
}

TEST_F(FileChoice, ArraysOfNumPyAreNamedByWhatTheyHold) {
  const std::string array = "\x93NUMPY\x01";
  const Files columns{{"user.npy", array}, {"item.npy", array}, {"rating.npy", array}};
  expect_refusal(AllOf(HasSubstr("an archive of NumPy arrays (.npz)"), HasSubstr("DataFrame(")),
                 [&] { choice_of_archive(columns); });
  const Files sparse{{"data.npy", array},
                     {"row.npy", array},
                     {"col.npy", array},
                     {"format.npy", array},
                     {"shape.npy", array}};
  expect_refusal(AllOf(HasSubstr("a sparse matrix of SciPy (.npz)"), HasSubstr("load_npz(")),
                 [&] { choice_of_archive(sparse); });
}

TEST_F(FileChoice, ArchivesWithinArchivesAreNamed) {
  testing::write_archive(folder_ / "inner", testing::Packed::gz, {{"", kRatings}});
  expect_refusal(HasSubstr("compressed within an archive"), [&] {
    choice_of_archive({{"ratings.csv.gz", testing::read_file(folder_ / "inner")}});
  });
}

TEST_F(FileChoice, EmptyFilesSaySo) {
  for (const auto& text : {""s, "\n\n"s, "\xEF\xBB\xBF"s}) {
    testing::write_file(folder_ / "file", text);
    const auto tree = std::make_shared<io::InputTree>(folder_ / "file");
    const auto chosen = choose_files(tree, {nullptr, options_});
    expect_refusal(HasSubstr("file: has no ratings: it is empty"),
                   [&] { chosen.front().format->read(chosen.front().view, options_); });
  }
}

}  // namespace
}  // namespace nnrec::importing
