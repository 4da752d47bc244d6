#include "nnrec/data/rating_reader.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::data {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

const std::string kNoGenres = "|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n";

std::uint64_t count_ratings(const ReaderOptions& options) {
  std::uint64_t count = 0;
  open_reader(options)->read_ratings([&](auto block) { count += block.size(); });
  return count;
}

void expect_bad_ratings(std::string_view text, const std::string& part) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.data", text);
  expect_error(ErrorKind::input, HasSubstr(part), [&] {
    count_ratings({folder.path(), "auto", {}});
  });
}

TEST(MovieLens100K, RatingsComeInOrderWithTheirLines) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.data",
                      "\xEF\xBB\xBF"
                      "7\t007\t3\t881250949\r\n\n 8 \t 7\t4.5\t-1");
  std::vector<std::string> seen;
  const auto reader = open_reader({folder.path(), "auto", {}});
  reader->read_ratings([&](auto block) {
    for (const auto& rating : block) {
      seen.push_back(fmt::format("{} {} {} {} {}", rating.user, rating.item, rating.value,
                                 rating.timestamp, rating.line));
    }
  });
  EXPECT_THAT(seen, ElementsAre("7 007 3 881250949 1", "8 7 4.5 -1 3"));
}

TEST(MovieLens100K, BadFieldsAreNamedByFileLineAndField) {
  const std::string good = "1\t2\t3\t4\n";
  expect_bad_ratings(good + "1\t2\tx\t4\n", "u.data:2:3: rating = \"x\" is not a number");
  expect_bad_ratings(good + "1\t2\tnan\t4\n", "u.data:2:3: rating = \"nan\" is not finite");
  expect_bad_ratings(good + "1\t2\t3\t4.5\n", "u.data:2:4: time = \"4.5\" is not a number");
  expect_bad_ratings(good + "1\t\t3\t4\n", "u.data:2:2: item = \"\" is empty");
  expect_bad_ratings(good + "1\xFF\t2\t3\t4\n", "u.data:2:1: user = \"1\\xFF\" is not UTF-8");
  expect_bad_ratings(good +
                         "1\xC2\xA0"
                         "2\t3\t4\n",
                     "u.data:2:3: \"1\\xC2\\xA02");
  expect_bad_ratings(good + "1\t2\t3\t4\t\n", "u.data:2:4: ");
  expect_bad_ratings("1,2,3,4\n", "It looks separated by commas");
  expect_bad_ratings("1::2::3::4\n", "It looks separated by '::'");
  expect_bad_ratings("\n", "has no ratings");
}

TEST(MovieLens100K, Latin1TitlesLeaveAsUtf8) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.data", "1\t2\t3\t4\n");
  testing::write_file(folder / "u.item", "2|Caf\xE9 \"Les\" (1995)|||" + kNoGenres);
  const auto reader = open_reader({folder.path(), "auto", {}});
  const auto catalogue = reader->read_catalogue();
  ASSERT_EQ(catalogue.items.size(), 1U);
  EXPECT_EQ(catalogue.items[0].title, "Caf\xC3\xA9 \"Les\" (1995)");
  EXPECT_EQ(reader->files().back().encoding, "Latin-1");
}

TEST(MovieLens100K, GenresAgesAndOccupationsAreRead) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.data", "1\t2\t3\t4\n");
  testing::write_file(folder / "u.genre", "unknown|0\nAction|1\nWar|2\n\n");
  testing::write_file(folder / "u.item", "2|A||||1|0|1\n3|unknown||||0|0|0\n");
  testing::write_file(folder / "u.user", "1|24|M|writer|85711\n");
  const auto catalogue = open_reader({folder.path(), "ml-100k", {}})->read_catalogue();
  EXPECT_THAT(catalogue.genres, ElementsAre("unknown", "Action", "War"));
  EXPECT_THAT(catalogue.items[0].genres, ElementsAre(0, 2));
  EXPECT_TRUE(catalogue.items[1].genres.empty());
  EXPECT_EQ(catalogue.users[0].age, 24);
  EXPECT_EQ(catalogue.users[0].occupation, "writer");
}

TEST(MovieLens100K, BadCatalogueLinesAreNamed) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "u.data", "1\t2\t3\t4\n");
  const auto expect_bad = [&](const std::string& part) {
    const auto reader = open_reader({folder.path(), "auto", {}});
    expect_error(ErrorKind::input, HasSubstr(part), [&] { reader->read_catalogue(); });
  };
  testing::write_file(folder / "u.item", "2|A|||" + kNoGenres + "3|B|||\n");
  expect_bad("u.item:2:5: the line has 5");
  testing::write_file(folder / "u.item", "2|A||||0|2" + kNoGenres.substr(4));
  expect_bad("u.item:1:7: genre flag = \"2\" is not 0 or 1");
  testing::write_file(folder / "u.item", "2|A|||" + kNoGenres);
  testing::write_file(folder / "u.user", "1|old|M|writer|85711\n");
  expect_bad("u.user:1:2: age = \"old\" is not a number");
}

TEST(MovieLens100K, ASingleFileIsReadWithoutCatalogue) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "mine.tsv", "1\t2\t3\t4\n1\t3\t3\t4\n");
  EXPECT_EQ(count_ratings({folder / "mine.tsv", "auto", {}}), 2U);
}

TEST(MovieLens100K, UnknownAndMissingInputsAreRefused) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "comma.csv", "1,2,3,4\n");
  expect_error(ErrorKind::input, AllOf(HasSubstr("comma.csv"), HasSubstr("ml-100k")), [&] {
    open_reader({folder / "comma.csv", "auto", {}});
  });
  expect_error(ErrorKind::input, HasSubstr("no-such"), [&] {
    open_reader({folder / "no-such", "auto", {}});
  });
  expect_error(ErrorKind::input, HasSubstr("u9.base"), [&] {
    count_ratings({folder.path(), "ml-100k", {"u9.base", "u9.test"}});
  });
}

}  // namespace
}  // namespace nnrec::data
