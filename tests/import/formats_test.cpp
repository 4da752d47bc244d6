#include <set>

#include "nnrec/import/format.hpp"

#include "support/expect_error.hpp"
#include "support/memory_files.hpp"

namespace nnrec::importing {
namespace {
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::read_catalogue;

TEST(Formats, NamesAreDifferentAndFound) {
  std::set<std::string_view> names;
  for (const auto* format : formats()) {
    EXPECT_TRUE(names.insert(format->name()).second) << format->name();
    EXPECT_EQ(&find_format(format->name()), format);
    EXPECT_FALSE(format->about().empty());
  }
  expect_error(ErrorKind::usage, HasSubstr("--format odd is not one of ml-100k, ml-1m"),
               [] { find_format("odd"); });
}

TEST(MovieLens100K, GenresItemsAndUsersAreRead) {
  const auto catalogue =
      read_catalogue("ml-100k", {{"u.genre", "unknown|0\nAction|1\nWar|2\n\n"},
                                 {"u.item", "2|A \"b\"||||1|0|1\r\n3|unknown||||0|0|0"},
                                 {"u.user", "1|24|M|writer|85711\n"}});
  EXPECT_THAT(catalogue.genres, ElementsAre("unknown", "Action", "War"));
  ASSERT_EQ(catalogue.items.size(), 2U);
  EXPECT_EQ(catalogue.items[0].title, "A \"b\"");
  EXPECT_THAT(catalogue.items[0].genres, ElementsAre(0, 2));
  EXPECT_TRUE(catalogue.items[1].genres.empty());
  EXPECT_EQ(catalogue.users[0].age, 24);
  EXPECT_EQ(catalogue.users[0].occupation, "writer");
  EXPECT_EQ(catalogue.users[0].zip, '8');
  EXPECT_EQ(catalogue.users[0].gender, 'M');
}

TEST(MovieLens100K, WithoutGenresOfItsOwnItHasTheNineteen) {
  const auto catalogue =
      read_catalogue("ml-100k", {{"u.item", "2|A||||0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n"}});
  EXPECT_EQ(catalogue.genres.size(), 19U);
  EXPECT_THAT(catalogue.items.at(0).genres, ElementsAre(1));
  EXPECT_TRUE(read_catalogue("ml-100k", {}).genres.empty());
}

TEST(Formats, BadLinesOfCataloguesAreNamedByFileLineAndField) {
  const auto expect_bad = [](const char* format, const char* file, const char* text,
                             const char* message) {
    expect_error(ErrorKind::input, HasSubstr(message), [&] {
      read_catalogue(format, {{"u.genre", "a|0\nb|1\n"}, {file, text}});
    });
  };
  expect_bad("ml-100k", "u.item", "2|A||||0|1\n3|B|||\n", "u.item:2:5: the line has 5");
  expect_bad("ml-100k", "u.item", "2|A||||0|2\n", "u.item:1:7: genre flag = \"2\" is not 0 or 1");
  expect_bad("ml-100k", "u.user", "1|old|M|writer|8\n",
             "u.user:1:2: age = \"old\" is not a number");
  expect_bad("ml-1m", "users.dat", "1::X::25::4::8\n", "users.dat:1:2: gender = \"X\"");
  expect_bad("ml-csv", "movies.csv", "movieId,title,genres\n1,\"A,x\n", "movies.csv:2:2: ");
  expect_bad("ml-csv", "movies.csv", "movieId,title,genres\n1,A\n",
             "movies.csv:2:2: the line has 2");
  expect_bad("ml-csv", "movies.csv", "movieId,genres,title\n1,Drama,A\n", "movies.csv:1:2: ");
  expect_bad("ml-csv", "movies.csv", "Movie_ID,Name,Genres\n1,A,Drama\n", "is not the title");
}

TEST(DatFormats, NoQuotesAndTitlesMayHoldTheSeparator) {
  const auto catalogue = read_catalogue(
      "ml-1m", {{"movies.dat",
                 "1::\"Evening Hour\" Robins (1998)::Musical\n2::A::B (1997)::Drama|Musical\n"
                 "0003::Plain::\n"},
                {"users.dat", "1::F::25::10::48067\n2::M::1::4:: v3N4P\n3::M::1::4::-\n"}});
  EXPECT_EQ(catalogue.items[0].title, "\"Evening Hour\" Robins (1998)");
  EXPECT_EQ(catalogue.items[1].title, "A::B (1997)");
  EXPECT_THAT(catalogue.items[1].genres, ElementsAre(1, 0));
  EXPECT_EQ(catalogue.items[2].id, "0003");
  EXPECT_THAT(catalogue.genres, ElementsAre("Musical", "Drama"));
  EXPECT_EQ(catalogue.users[1].age, 1);
  EXPECT_EQ(catalogue.users[0].gender, 'F');
  EXPECT_EQ(catalogue.users[0].occupation, "10");
  EXPECT_EQ(catalogue.users[0].zip, '4');
  EXPECT_EQ(catalogue.users[1].zip, 'V') << "a letter, as of Canada, in either case";
  EXPECT_EQ(catalogue.users[2].zip, '\0');
}

TEST(DatFormats, UsersOfMovieTweetingsSayNothing) {
  // The second field is a number of another service.
  EXPECT_TRUE(read_catalogue("movietweetings", {{"users.dat", "7::177651718\n"}}).users.empty());
}

TEST(MovieLensCsv, TitlesMayHoldCommasQuotesAndLineEnds) {
  testing::MemoryFiles files(std::map<std::string, std::string>{
      {"movies.csv",
       "movieId,title,genres\r\n11,\"American President, The (1995)\",Comedy|Drama\r\n"
       "12,\"a \"\"b\"\"\n c\",(no genres listed)\r\n13,Plain,Drama\r\n"}});
  const auto catalogue = find_format("ml-csv").read_catalogue(files);
  EXPECT_EQ(files.lines, 3U);
  EXPECT_EQ(catalogue.items[0].title, "American President, The (1995)");
  EXPECT_EQ(catalogue.items[1].title, "a \"b\"\n c");
  EXPECT_TRUE(catalogue.items[1].genres.empty());
  EXPECT_THAT(catalogue.items[2].genres, ElementsAre(1));
}

}  // namespace
}  // namespace nnrec::importing
