#include "nnrec/features/extra_rows.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace nnrec::features {
namespace {
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ExtraRows, AYearIsWhatATitleEndsWithInBrackets) {
  EXPECT_EQ(title_year("Heat (1995)"), 1995U);
  EXPECT_EQ(title_year("Seven (Se7en) (1995) "), 1995U);
  for (const char* title : {"", "Heat", "2001: A Space Odyssey", "(1995) Heat", "Heat (95)",
                            "Heat (19x5)", "Heat 1995)", "(199)"}) {
    EXPECT_EQ(title_year(title), 0U) << title;
  }
}

TEST(ExtraRows, BinsHoldEquallyManyUsersAndEqualAgesStayTogether) {
  shards::Catalogue catalogue;
  for (int user = 0; user < 40; ++user)
    catalogue.user_ages.push_back(static_cast<float>(60 - user));
  catalogue.user_ages.push_back(std::nanf(""));
  const ExtraRows rows(catalogue);
  ASSERT_EQ(rows.age_bin.size(), 41U);
  EXPECT_EQ(rows.age_bin[0], 10U);  // the oldest
  EXPECT_EQ(rows.age_bin[39], 1U);  // the youngest
  EXPECT_EQ(rows.age_bin[40], 0U) << "of unknown age";
  for (std::uint32_t bin = 1; bin <= 10; ++bin)
    EXPECT_EQ(std::ranges::count(rows.age_bin, bin), 4) << bin;
  catalogue.user_ages.assign(7, 30.0F);
  EXPECT_THAT(ExtraRows(catalogue).age_bin, ::testing::Each(10U));
}

TEST(ExtraRows, WhatNoUserHasIsNoColumn) {
  shards::Catalogue catalogue;
  catalogue.user_ages = {std::nanf(""), std::nanf("")};
  catalogue.user_genders = {0, 0};
  catalogue.user_zips = {0, 0};
  catalogue.titles = {"Heat", "Alien"};
  const ExtraRows rows(catalogue);
  EXPECT_THAT(rows.age_bin, IsEmpty());
  EXPECT_THAT(rows.gender, IsEmpty());
  EXPECT_THAT(rows.occupation, IsEmpty());
  EXPECT_THAT(rows.zip, IsEmpty());
  EXPECT_EQ(rows.zip_rows, 1U);
  EXPECT_THAT(rows.year_bin, IsEmpty());
  EXPECT_EQ(rows.word_rows, 1U);
}

TEST(ExtraRows, WordsThatOccurOnceAreLeftOutAndGenresAreAllKept) {
  shards::Catalogue catalogue;
  catalogue.user_genders = {'M', 0, 'F'};
  catalogue.occupations = {"artist", "none"};
  catalogue.user_occupations = {1, 0, 1};
  catalogue.user_zips = {'V', '0', 0};
  catalogue.words = {"the", "film", "alone"};
  catalogue.title_words = {{0, 3, 4, 4}, {2, 0, 1, 1}};
  catalogue.title_words.values.push_back(0);
  catalogue.title_words.offsets.push_back(5);
  catalogue.genres = {"a", "b", "c", "d", "e", "f", "g"};
  catalogue.item_genres = {{0, 6, 6}, {6, 0, 1, 2, 3, 4}};
  const ExtraRows rows(catalogue);
  EXPECT_THAT(rows.gender, ElementsAre(2, 0, 1));
  EXPECT_THAT(rows.occupation, ElementsAre(2, 1, 2));
  EXPECT_THAT(rows.zip, ElementsAre(2, 1, 0));
  EXPECT_EQ(rows.zip_rows, 3U);
  EXPECT_THAT(rows.repeated_words.offsets, ElementsAre(0, 2, 3, 3, 4));
  EXPECT_THAT(rows.repeated_words.values, ElementsAre(1, 2, 2, 1));
  EXPECT_EQ(rows.word_rows, 3U);
  EXPECT_THAT(rows.genres.offsets, ElementsAre(0, 6, 6));
  EXPECT_THAT(rows.genres.values, ElementsAre(7, 1, 2, 3, 4, 5));
  EXPECT_EQ(rows.genre_rows, 8U);
}

}  // namespace
}  // namespace nnrec::features
