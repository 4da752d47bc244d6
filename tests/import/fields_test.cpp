#include "import/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::import {
namespace {

using ::testing::ElementsAre;

TEST(Fields, AreCutAtEverySeparatorAndLoseTheBlanksAround) {
  Fields fields("::");
  ASSERT_TRUE(fields.cut("1:: 914 ::3::"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "914", "3", ""));
  ASSERT_TRUE(fields.cut("1:914"));
  EXPECT_THAT(fields.all(), ElementsAre("1:914"));
  ASSERT_TRUE(fields.cut(""));
  EXPECT_THAT(fields.all(), ElementsAre(""));
}

TEST(Fields, ALineWithoutQuoteRulesKeepsItsQuotes) {
  Fields fields(",");
  ASSERT_TRUE(fields.cut(R"(1,"Heat, The",4)"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "\"Heat", "The\"", "4"));
}

TEST(Fields, SeparatorsAndDoubledQuotesWithinQuotesAreText) {
  Fields fields(",", Fields::Quotes::rfc4180);
  ASSERT_TRUE(fields.cut(R"(1, "Heat, The" ,"""Great"" Gatsby","",4)"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "Heat, The", R"("Great" Gatsby)", "", "4"));
  // Not at a field's beginning, a quote is text.
  ASSERT_TRUE(fields.cut(R"(7" single,2)"));
  EXPECT_THAT(fields.all(), ElementsAre(R"(7" single)", "2"));
}

TEST(Fields, AQuoteThatIsNotClosedAndTextBehindAClosingQuoteAreRefused) {
  Fields fields(",", Fields::Quotes::rfc4180);
  EXPECT_FALSE(fields.cut(R"(1,"Heat)"));
  EXPECT_FALSE(fields.cut(R"(1,"Heat"")"));
  EXPECT_FALSE(fields.cut(R"(1,"Heat" The,4)"));
  // The next line is cut afresh.
  ASSERT_TRUE(fields.cut("1,2"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "2"));
}

TEST(Fields, RecordsEndAtLineEndsOutsideQuotes) {
  std::string_view text = "id,title\r\n1,\"two\nlines\"\n\n2,last";
  std::string_view record;
  std::uint64_t lines = 0;
  const auto next = [&] { return take_record(text, record, lines); };
  ASSERT_TRUE(next());
  EXPECT_EQ(record, "id,title");
  EXPECT_EQ(lines, 1U);
  ASSERT_TRUE(next());
  EXPECT_EQ(record, "1,\"two\nlines\"");
  EXPECT_EQ(lines, 3U);
  ASSERT_TRUE(next());
  EXPECT_EQ(record, "");
  ASSERT_TRUE(next());
  EXPECT_EQ(record, "2,last");
  EXPECT_EQ(lines, 5U);
  EXPECT_FALSE(next());
}

TEST(Fields, AQuoteThatIsNeverClosedMakesTheRestOneRecord) {
  std::string_view text = "1,\"open\n2,b\n";
  std::string_view record;
  std::uint64_t lines = 0;
  ASSERT_TRUE(take_record(text, record, lines));
  EXPECT_EQ(record, "1,\"open\n2,b\n");
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace nnrec::import
