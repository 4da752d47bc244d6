#include "nnrec/import/column_names.hpp"

#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {

TEST(ColumnNames, PeoplesNamesAreUnderstoodHoweverTheyAreWritten) {
  const auto expect_role = [](Role role, std::initializer_list<const char*> names) {
    for (const char* name : names) EXPECT_EQ(role_of(name), role) << name;
  };
  expect_role(Role::user, {"user", "user_id", "userId", "userid", "UserID", "uid", "User-ID",
                           "reviewerID", "customer", "customer_id", "user_id:token", "\"User ID\"",
                           "review/userId", "user_idx", "reviewer", "account_id", "user name"});
  expect_role(Role::item, {"item", "itemId", "movie", "MovieID", "movie_id", "book", "book_id",
                           "ISBN", "asin", "product", "productId", "business_id", "anime_id",
                           "item_id:token", "jokeId", "song", "parent_asin", "article_id"});
  expect_role(Role::rating,
              {"rating", "Rating", "ratings", "score", "stars", "overall", "rate", "Book-Rating",
               "rating:float", "user_rating", "review/score", "movie_rating", "my_score"});
  expect_role(Role::time, {"timestamp", "time", "unixReviewTime", "Timestamp", "timestamp:float",
                           "date", "Date", "review_date", "created_at", "ts", "unix_time"});
}

TEST(ColumnNames, OtherNamesAreNone) {
  for (const char* name : {"",
                           "id",
                           "ID",
                           "name",
                           "title",
                           "year",
                           "genres",
                           "tag",
                           "imdbId",
                           "tmdbId",
                           "relevance",
                           "average_rating",
                           "ratings_count",
                           "avg_rating",
                           "members",
                           "1",
                           "comment",
                           "content",
                           "news",
                           "Unnamed: 0",
                           "age",
                           "helpful",
                           "reviewText",
                           "summary",
                           "useful",
                           "\xD0\xBF"}) {
    EXPECT_FALSE(role_of(name)) << name;
  }
}

TEST(ColumnNames, AnIdAndItsNameAreOfOneNoun) {
  EXPECT_TRUE(same_noun("movie", "movieId"));
  EXPECT_TRUE(same_noun("user_name", "userID"));
  EXPECT_FALSE(same_noun("track", "artist_id"));
  EXPECT_TRUE(is_id("movieId"));
  EXPECT_FALSE(is_id("movie"));
  EXPECT_FALSE(is_id("user_name"));
}

TEST(ColumnNames, RowNumbersHaveTheNamesThatDataFramesGiveThem) {
  EXPECT_TRUE(is_row_number(""));
  EXPECT_TRUE(is_row_number("Unnamed: 0"));
  EXPECT_FALSE(is_row_number("id"));
}

}  // namespace
}  // namespace nnrec::importing
