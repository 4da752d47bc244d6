#include "nnrec/import/id_map.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {

using ::testing::ElementsAre;

/// Numbers below 0, 100 and 2^20 without a search: every way of finding the ids of these tests.
class IdMapWays : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  IdMap map{GetParam()};
};

TEST_P(IdMapWays, IndicesAreDenseInOrderOfFirstAppearance) {
  EXPECT_EQ(map.insert("196"), 0U);
  EXPECT_EQ(map.insert("tt0113277"), 1U);
  EXPECT_EQ(map.insert("7"), 2U);
  EXPECT_EQ(map.insert("196"), 0U);
  EXPECT_EQ(map.insert("tt0113277"), 1U);
  EXPECT_EQ(map.size(), 3U);
  EXPECT_THAT(map.ids(), ElementsAre("196", "tt0113277", "7"));
}

TEST_P(IdMapWays, TextsThatMeanOneNumberStayDifferent) {
  const std::vector<std::string> texts{"7", "007", "+7", "7.0", "-7", " 7", "0", "00", "", "７"};
  for (std::uint32_t i = 0; i < texts.size(); ++i) EXPECT_EQ(map.insert(texts[i]), i) << texts[i];
  EXPECT_EQ(map.ids(), texts);
  for (std::uint32_t i = 0; i < texts.size(); ++i) EXPECT_EQ(map.find(texts[i]), i) << texts[i];
}

TEST_P(IdMapWays, ANumberAndItsTextAreOneId) {
  EXPECT_EQ(map.insert(std::uint64_t{42}), map.insert("42"));
  EXPECT_EQ(map.find(std::uint64_t{42}), map.find("42"));
  EXPECT_EQ(map.size(), 1U);
}

TEST_P(IdMapWays, NumbersUpToTheEdgesOf64BitsComeBackAsWritten) {
  // 19 digits always fit in 64 bits; of 20 some do, and stay text.
  const std::vector<std::string> texts{"99",
                                       "100",
                                       "101",
                                       "1048575",
                                       "1048576",
                                       "9999999999999999999",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "99999999999999999999999"};
  for (const auto& text : texts) map.insert(text);
  EXPECT_EQ(map.ids(), texts);
  for (const auto& text : texts) EXPECT_TRUE(map.find(text)) << text;
}

TEST_P(IdMapWays, WhatWasNotInsertedIsNotFound) {
  EXPECT_EQ(map.find("1"), std::nullopt);
  map.insert("1");
  for (const char* text : {"2", "01", "a", "", "1048577", "18446744073709551615"})
    EXPECT_EQ(map.find(text), std::nullopt) << text;
}

TEST_P(IdMapWays, ManyIdsSurviveEveryGrowth) {
  // Steps of 2^32 are neighbours in the low bits; the multiplier must still spread them.
  constexpr std::uint32_t kIds = 5000;
  const auto number = [](std::uint32_t i) {
    return i % 2 == 0 ? std::uint64_t{i} << 32 : std::uint64_t{i};
  };
  for (std::uint32_t i = 0; i < kIds; ++i) ASSERT_EQ(map.insert(number(i)), i);
  for (std::uint32_t i = 0; i < kIds; ++i) {
    ASSERT_EQ(map.find(number(i)), i);
    ASSERT_EQ(map.id(i), std::to_string(number(i)));
  }
}

TEST_P(IdMapWays, AnIdOfAnotherMapIsTheSameId) {
  IdMap other;
  other.insert("tt1");
  other.insert("5");
  map.insert("5");
  EXPECT_EQ(map.insert(other, 1), 0U);
  EXPECT_EQ(map.insert(other, 0), 1U);
  other.clear();
  EXPECT_THAT(map.ids(), ElementsAre("5", "tt1"));
}

TEST_P(IdMapWays, ClearForgetsEverything) {
  for (const char* text : {"1", "123456", "a"}) map.insert(text);
  map.clear();
  EXPECT_EQ(map.size(), 0U);
  for (const char* text : {"1", "123456", "a"}) EXPECT_EQ(map.find(text), std::nullopt) << text;
  EXPECT_EQ(map.insert("a"), 0U);
  EXPECT_EQ(map.insert("123456"), 1U);
}

INSTANTIATE_TEST_SUITE_P(All, IdMapWays, ::testing::Values(0, 100, 1 << 20));

}  // namespace
}  // namespace nnrec::importing
