#include "nnrec/import/catalogue_reader.hpp"

#include "support/expect_error.hpp"

namespace nnrec::import {
namespace {
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

RawCatalogue with_genres(std::vector<std::string> genres) {
  RawCatalogue catalogue;
  catalogue.genres = std::move(genres);
  return catalogue;
}

TEST(CatalogueReader, MovieLens100KGenresItemsAndUsersAreRead) {
  RawCatalogue catalogue;
  parse_100k_genres("unknown|0\nAction|1\nWar|2\n\n", "u.genre", catalogue);
  EXPECT_EQ(parse_100k_items("2|A \"b\"||||1|0|1\r\n3|unknown||||0|0|0", "u.item", catalogue), 2U);
  parse_100k_users("1|24|M|writer|85711\n", "u.user", catalogue);
  EXPECT_THAT(catalogue.genres, ElementsAre("unknown", "Action", "War"));
  EXPECT_EQ(catalogue.items[0].title, "A \"b\"");
  EXPECT_THAT(catalogue.items[0].genres, ElementsAre(0, 2));
  EXPECT_TRUE(catalogue.items[1].genres.empty());
  EXPECT_EQ(catalogue.users[0].age, 24);
  EXPECT_EQ(catalogue.users[0].occupation, "writer");
  EXPECT_EQ(catalogue.users[0].gender, 'M');
}

TEST(CatalogueReader, BadLinesAreNamedByFileLineAndField) {
  const auto expect_bad = [](auto parse, const char* text, const char* message) {
    auto catalogue = with_genres({"a", "b"});
    expect_error(ErrorKind::input, HasSubstr(message), [&] { parse(text, "file", catalogue); });
  };
  expect_bad(parse_100k_items, "2|A||||0|1\n3|B|||\n", "file:2:5: the line has 5");
  expect_bad(parse_100k_items, "2|A||||0|2\n", "file:1:7: genre flag = \"2\" is not 0 or 1");
  expect_bad(parse_100k_users, "1|old|M|writer|8\n", "file:1:2: age = \"old\" is not a number");
  expect_bad(parse_dat_users, "1::X::25::4::8\n", "file:1:2: gender = \"X\"");
  expect_bad(parse_csv_movies, "movieId,title,genres\n1,\"A,x\n", "file:2:2: ");
  expect_bad(parse_csv_movies, "movieId,title,genres\n1,A\n", "file:2:2: the line has 2");
}

TEST(CatalogueReader, DatFilesHaveNoQuotesAndTitlesMayHoldTheSeparator) {
  RawCatalogue catalogue;
  parse_dat_movies(
      "1::\"Evening Hour\" Robins (1998)::Musical\n2::A::B (1997)::Drama|Musical\n"
      "0003::Plain::\n",
      "movies.dat", catalogue);
  EXPECT_EQ(catalogue.items[0].title, "\"Evening Hour\" Robins (1998)");
  EXPECT_EQ(catalogue.items[1].title, "A::B (1997)");
  EXPECT_THAT(catalogue.items[1].genres, ElementsAre(1, 0));
  EXPECT_EQ(catalogue.items[2].id, "0003");
  EXPECT_THAT(catalogue.genres, ElementsAre("Musical", "Drama"));
  parse_dat_users("1::F::25::10::48067\n2::M::1::4::1\n", "users.dat", catalogue);
  EXPECT_EQ(catalogue.users[1].age, 1);
  EXPECT_EQ(catalogue.users[0].gender, 'F');
  EXPECT_EQ(catalogue.users[0].occupation, "10");
  parse_dat_users("7::177651718\n", "users.dat",
                  catalogue);  // MovieTweetings: a number of Twitter's
  EXPECT_EQ(catalogue.users.size(), 2U);
}

TEST(CatalogueReader, CsvTitlesMayHoldCommasQuotesAndLineEnds) {
  RawCatalogue catalogue;
  const auto lines = parse_csv_movies(
      "movieId,title,genres\r\n11,\"American President, The (1995)\",Comedy|Drama\r\n"
      "12,\"a \"\"b\"\"\n c\",(no genres listed)\r\n13,Plain,Drama\r\n",
      "movies.csv", catalogue);
  EXPECT_EQ(lines, 3U);
  EXPECT_EQ(catalogue.items[0].title, "American President, The (1995)");
  EXPECT_EQ(catalogue.items[1].title, "a \"b\"\n c");
  EXPECT_TRUE(catalogue.items[1].genres.empty());
  EXPECT_THAT(catalogue.items[2].genres, ElementsAre(1));
}

}  // namespace
}  // namespace nnrec::import
