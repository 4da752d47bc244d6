#include "import/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

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
  Fields fields(",", Quoting::rfc4180);
  ASSERT_TRUE(fields.cut(R"(1, "Heat, The" ,"""Great"" Gatsby","",4)"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "Heat, The", R"("Great" Gatsby)", "", "4"));
  // Not at a field's beginning, a quote is text.
  ASSERT_TRUE(fields.cut(R"(7" single,2)"));
  EXPECT_THAT(fields.all(), ElementsAre(R"(7" single)", "2"));
}

TEST(Fields, AQuoteThatIsNotClosedAndTextBehindAClosingQuoteAreRefused) {
  Fields fields(",", Quoting::rfc4180);
  EXPECT_FALSE(fields.cut(R"(1,"Heat)"));
  EXPECT_FALSE(fields.cut(R"(1,"Heat"")"));
  EXPECT_FALSE(fields.cut(R"(1,"Heat" The,4)"));
  // The next line is cut afresh.
  ASSERT_TRUE(fields.cut("1,2"));
  EXPECT_THAT(fields.all(), ElementsAre("1", "2"));
}

TEST(Fields, ABackslashEscapesAQuoteWhereTheFileHasItSo) {
  Fields fields(";", Quoting::backslash);
  ASSERT_TRUE(fields.cut(R"("11";"say \"no\"";"a ""b""";"c\\";"5")"));
  EXPECT_THAT(fields.all(), ElementsAre("11", R"(say "no")", R"(a "b")", R"(c\)", "5"));
  EXPECT_FALSE(fields.cut(R"("11";"open\")"));
  EXPECT_FALSE(Fields(";", Quoting::rfc4180).cut(R"("11";"say \"no\"";"5")"));
}

/// The records of `text`, and how many lines each goes over.
std::vector<std::pair<std::string, std::uint64_t>> records_of(std::string_view text,
                                                              const Records& records) {
  std::vector<std::pair<std::string, std::uint64_t>> all;
  while (!text.empty()) {
    const auto record = records.take(text);
    all.emplace_back(record.text, record.lines);
  }
  return all;
}

TEST(Records, EndAtLineEndsOutsideQuotes) {
  const Records records(",", Quoting::rfc4180);
  EXPECT_THAT(records_of("id,title\r\n1,\"two\nlines\"\n\n2,last", records),
              ElementsAre(Pair("id,title", 1), Pair("1,\"two\nlines\"", 2), Pair("", 1),
                          Pair("2,last", 1)));
  EXPECT_THAT(records_of("1,\"a\n\n\"\"b\"\r\n2,x\n", records),
              ElementsAre(Pair("1,\"a\n\n\"\"b\"", 3), Pair("2,x", 1)));
}

TEST(Records, OnlyAQuoteAtAFieldsBeginningOpensOne) {
  const Records records(",", Quoting::rfc4180);
  EXPECT_THAT(records_of("1,7\" single,4\n2,12\" long,5\n", records),
              ElementsAre(Pair("1,7\" single,4", 1), Pair("2,12\" long,5", 1)));
  EXPECT_THAT(records_of("1, \"a\nb\" ,4\n", records), ElementsAre(Pair("1, \"a\nb\" ,4", 2)));
}

TEST(Records, QuotesOfOneLineAndNoneDoNotHoldLineEnds) {
  for (const auto quoting : {Quoting::none, Quoting::one_line}) {
    EXPECT_THAT(records_of("1\t\"a\nb\"\n", Records("\t", quoting)),
                ElementsAre(Pair("1\t\"a", 1), Pair("b\"", 1)));
  }
}

TEST(Records, AQuoteThatIsNeverClosedMakesTheRestOneRecord) {
  std::string_view text = "1,\"open\n2,b\n";
  const auto record = Records(",", Quoting::rfc4180).take(text);
  EXPECT_TRUE(record.open);
  EXPECT_EQ(record.text, "1,\"open\n2,b");
  EXPECT_EQ(record.lines, 2U);
  EXPECT_TRUE(text.empty());
  text = "1,\"closed\"";
  EXPECT_FALSE(Records(",", Quoting::rfc4180).take(text).open);
}

TEST(Records, BlocksEndWhereARecordDoes) {
  const Records records(",", Quoting::rfc4180);
  EXPECT_EQ(records.whole("1,2\n3,4\n5,"), 8U);
  EXPECT_EQ(records.whole("1,2\n3,\"a\nb"), 4U) << "a line end within quotes ends nothing";
  EXPECT_EQ(records.whole("1,\"a\nb\"\n3,\"c"), 8U);
  EXPECT_EQ(records.whole("1,\"a\n\""), 0U) << "the next block may go on with a quote";
  EXPECT_EQ(records.whole("1,\"a"), 0U);
}

}  // namespace
}  // namespace nnrec::importing
