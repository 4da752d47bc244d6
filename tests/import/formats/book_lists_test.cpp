// Book-Crossing, goodbooks-10k and lists of anime: tables with values that stand for no rating, and
// catalogues below headers.
#include "support/cases.hpp"
#include "support/memory_files.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BookLists : public testing::Cases {};

TEST_F(BookLists, BookCrossingLeavesImplicitRatingsOutUnlessTold) {
  write("bx/BX-Books.csv",
        "\"ISBN\";\"Book-Title\";\"Book-Author\";\"Year-Of-Publication\"\r\n"
        "\"001X\";\"Caf\xE9 \\\"Noir\\\"; a novel\";\"A\";\"2001\"\r\n"
        "\"0028\";\"Plain\\\";Author\";\"2000\"\r\n");
  const auto folder = write("bx/BX-Book-Ratings.csv",
                            "\"User-ID\";\"ISBN\";\"Book-Rating\"\r\n\"1\";\"001X\";\"0\"\r\n"
                            "\"1\";\"0028\";\"5\"\r\n\"2\";\"001X\";\"10\"\r\n")
                          .parent_path();
  const auto set = prep_path(folder);
  EXPECT_THAT(rows(set), ElementsAre("1 0028 5", "2 001X 10"));
  EXPECT_THAT(set.catalogue().titles,
              ::testing::UnorderedElementsAre("Caf\xC3\xA9 \"Noir\"; a novel", "Plain\";Author"));
  EXPECT_THAT(text_, AllOf(HasSubstr("0 stands for no rating here: --missing none keeps it"),
                           HasSubstr("warning: 1 of 3 lines (33.3 %) have a value that stands for "
                                     "no rating"),
                           HasSubstr("scale 1..10")));
  EXPECT_THAT(
      rows(prep_path(folder, {"--missing", "none", "--scale", "0:10", "--test-fraction", "0"})),
      ElementsAre("1 001X 0", "1 0028 5", "2 001X 10"));
}

TEST_F(BookLists, CopiesOfBookCrossingWithCommasAreRead) {
  write("bx/Books.csv", "ISBN,Book-Title,Book-Author\n001X,\"A, \"\"B\"\"\",C\n");
  const auto set =
      prep_path(write("bx/Ratings.csv", "User-ID,ISBN,Book-Rating\n7,001X,3\n").parent_path());
  EXPECT_THAT(rows(set), ElementsAre("7 001X 3"));
  EXPECT_THAT(set.catalogue().titles, ElementsAre("A, \"B\""));
}

TEST_F(BookLists, GoodbooksTakesItsTitlesFromBooks) {
  write("gb/books.csv",
        "book_id,goodreads_book_id,authors,title\n1,2767052,\"C, S\",\"The Games (G, "
        "#1)\"\n2,3,R,Two\n");
  write("gb/to_read.csv", "user_id,book_id\n9,8\n");
  write("gb/book_tags.csv", "goodreads_book_id,tag_id,count\n1,30574,167697\n");
  const auto set =
      prep_path(write("gb/ratings.csv", "user_id,book_id,rating\n1,2,5\n2,1,4\n").parent_path());
  EXPECT_THAT(rows(set), ElementsAre("1 2 5", "2 1 4"));
  EXPECT_THAT(set.catalogue().titles, ::testing::UnorderedElementsAre("Two", "The Games (G, #1)"));
}

TEST_F(BookLists, TheFirstEditionOfGoodbooksNamesBooksByTheirRow) {
  const auto catalogue = testing::read_catalogue(
      "goodbooks", {{"books.csv", "id,book_id,title\n1,2767052,The Games\n"}});
  EXPECT_EQ(catalogue.items.at(0).id, "1");
}

TEST_F(BookLists, AnimeThatWasWatchedOnlyIsNoRating) {
  write("an/anime.csv",
        "anime_id,name,genre,type\n20,Na,\"Action, Comedy\",TV\n24,\"Na, Two\",Comedy,TV\n");
  const auto set = prep_path(
      write("an/rating.csv", "user_id,anime_id,rating\n1,20,-1\n1,24,8\n2,20,10\n").parent_path());
  EXPECT_THAT(rows(set), ElementsAre("1 24 8", "2 20 10"));
  EXPECT_THAT(set.catalogue().genres, ElementsAre("Action", "Comedy"));
  EXPECT_THAT(text_, HasSubstr("-1, 0 stand for no rating here"));
  expect_text_refused("a.csv", "user_id,anime_id,rating\n1,20,11\n", {},
                      HasSubstr("a.csv:2:3: rating = 11 is outside 1..10"));
}

TEST(NamedCatalogue, AHeaderWithoutAnIdIsRefused) {
  testing::expect_error(ErrorKind::input,
                        HasSubstr("books.csv:1: no column has one of the names id bookid"), [] {
                          testing::read_catalogue("goodbooks", {{"books.csv", "a,title\n1,b\n"}});
                        });
  testing::expect_error(ErrorKind::input, HasSubstr("books.csv:2:1: the line has 1"), [] {
    testing::read_catalogue("goodbooks", {{"books.csv", "book_id,title\n1\n"}});
  });
}

}  // namespace
}  // namespace nnrec::importing
