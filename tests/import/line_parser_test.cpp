#include "import/line_parser.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::import {
namespace {

using ::testing::HasSubstr;

/// user, item, rating, time with tabs between.
RatingLayout tab_layout() {
  RatingLayout layout;
  layout.separator = "\t";
  layout.time = 3;
  layout.fields = 4;
  return layout;
}

/// A parser and what its last line gave.
struct Parsing {
  explicit Parsing(const RatingLayout& layout = tab_layout(), const RatingRules& rules = {})
      : parser(layout, rules) {}

  bool parse(std::string_view line) { return parser.parse(line, rating, fault); }
  std::string fault_of(std::string_view line) {
    EXPECT_FALSE(parse(line)) << line;
    return fault.text;
  }

  LineParser parser;
  LineRating rating;
  LineFault fault;
};

TEST(LineParser, ALineGivesItsFourValues) {
  Parsing parsing;
  ASSERT_TRUE(parsing.parse("196\t242\t3.5\t881250949"));
  EXPECT_EQ(parsing.rating.user, "196");
  EXPECT_EQ(parsing.rating.item, "242");
  EXPECT_EQ(parsing.rating.rating, 3.5F);
  EXPECT_EQ(parsing.rating.time, 881250949);
  EXPECT_FALSE(parsing.rating.from_latin1);
}

TEST(LineParser, ColumnsStandWhereTheLayoutSays) {
  RatingLayout layout = tab_layout();
  layout.rating = 0;
  layout.item = 1;
  layout.user = 3;
  layout.time.reset();
  layout.fields = 5;
  Parsing parsing(layout);
  ASSERT_TRUE(parsing.parse("4\titem\tanything\tuser\t"));
  EXPECT_EQ(parsing.rating.user, "user");
  EXPECT_EQ(parsing.rating.item, "item");
  EXPECT_EQ(parsing.rating.rating, 4);
  EXPECT_EQ(parsing.rating.time, kNoTime);
}

TEST(LineParser, AFaultNamesFieldValueAndRule) {
  Parsing parsing;
  EXPECT_EQ(parsing.fault_of("196\t242\tx\t1"), "rating = \"x\" is not a finite decimal number");
  EXPECT_EQ(parsing.fault.column, 2U);
  EXPECT_FALSE(parsing.fault.off_scale);
  EXPECT_EQ(parsing.fault_of("\t242\t3\t1"), "user = \"\" is empty");
  EXPECT_EQ(parsing.fault.column, 0U);
  EXPECT_THAT(parsing.fault_of("1\t2\x01\t3\t1"), HasSubstr("has a control character"));
  EXPECT_THAT(parsing.fault_of("1\t2\t3\tnoon"), HasSubstr("is not a whole number of seconds"));
  EXPECT_THAT(parsing.fault_of("1\t2\t3,5\t1"), HasSubstr("is it --decimal ','?"));
}

TEST(LineParser, MoreOrFewerFieldsAreAFaultUnlessTheyAreEmptyAtTheEnd) {
  Parsing parsing;
  EXPECT_TRUE(parsing.parse("1\t2\t3\t4\t\t"));
  EXPECT_THAT(parsing.fault_of("1\t2\t3\t4\t5"), HasSubstr("has 5 fields separated by tab, not 4"));
  EXPECT_THAT(parsing.fault_of("1\t2\t3"), HasSubstr("has 3 fields"));
  EXPECT_THAT(parsing.fault_of("1\xC2\xA0"
                               "2\t3\t4"),
              HasSubstr("no-break space"));
}

TEST(LineParser, TimesAreWholeSecondsOrMillisecondsOrMissing) {
  Parsing parsing;
  const auto time_of = [&](const std::string& text) {
    EXPECT_TRUE(parsing.parse("1\t2\t3\t" + text)) << text << ": " << parsing.fault.text;
    return parsing.rating.time;
  };
  EXPECT_EQ(time_of(""), kNoTime);
  EXPECT_EQ(time_of("-1"), -1);
  EXPECT_EQ(time_of("1365029107.0"), 1365029107);
  EXPECT_EQ(time_of("99999999999999"), kLastTime - 1);
  for (const char* text : {"1.5", "1e9", "100000000000000", "-100000000000000"})
    EXPECT_FALSE(parsing.parse(std::string("1\t2\t3\t") + text)) << text;
}

TEST(LineParser, ValuesOutsideTheScaleAreWellFormedAndOffScale) {
  RatingRules rules;
  rules.scale = {0.5F, 5.0F};
  Parsing parsing(tab_layout(), rules);
  EXPECT_TRUE(parsing.parse("1\t2\t0.5\t1"));
  EXPECT_TRUE(parsing.parse("1\t2\t5\t1"));
  EXPECT_EQ(parsing.fault_of("1\t2\t41\t1"), "rating = 41 is outside 0.5..5 (--scale)");
  EXPECT_TRUE(parsing.fault.off_scale);
}

TEST(LineParser, IntegerIdsAreTheNumberHoweverItIsWritten) {
  RatingRules rules;
  rules.integer_ids = true;
  Parsing parsing(tab_layout(), rules);
  ASSERT_TRUE(parsing.parse("007\t-0\t3\t1"));
  EXPECT_EQ(parsing.rating.user, "7");
  EXPECT_EQ(parsing.rating.item, "0");
  EXPECT_THAT(parsing.fault_of("7.0\t1\t3\t1"), HasSubstr("--integer-ids"));
  EXPECT_FALSE(parsing.parse("18446744073709551616\t1\t3\t1"));
}

TEST(LineParser, IdsAreUtf8OrLatin1AsTheRulesSay) {
  const std::string utf8 = "1\tMis\xC3\xA9rables\t3\t1";
  const std::string latin1 = "1\tMis\xE9rables\t3\t1";
  RatingRules rules;
  rules.encoding = Encoding::automatic;
  Parsing automatic(tab_layout(), rules);
  ASSERT_TRUE(automatic.parse(latin1));
  EXPECT_EQ(automatic.rating.item, "Mis\xC3\xA9rables");
  EXPECT_TRUE(automatic.rating.from_latin1);
  ASSERT_TRUE(automatic.parse(utf8));
  EXPECT_EQ(automatic.rating.item, "Mis\xC3\xA9rables");
  EXPECT_FALSE(automatic.rating.from_latin1);

  rules.encoding = Encoding::utf8;
  EXPECT_THAT(Parsing(tab_layout(), rules).fault_of(latin1), HasSubstr("--encoding"));
  rules.encoding = Encoding::latin1;
  Parsing forced(tab_layout(), rules);
  ASSERT_TRUE(forced.parse(utf8));
  EXPECT_EQ(forced.rating.item, "Mis\xC3\x83\xC2\xA9rables");
}

TEST(LineParser, ADecimalCommaLeavesNoPlaceForAPoint) {
  RatingLayout layout = tab_layout();
  layout.decimal = ',';
  Parsing parsing(layout);
  ASSERT_TRUE(parsing.parse("1\t2\t3,5\t1"));
  EXPECT_EQ(parsing.rating.rating, 3.5F);
  EXPECT_THAT(parsing.fault_of("1\t2\t3.5\t1"), HasSubstr("has a decimal point"));
}

/// The bits of a float, so that -0 and 0 differ.
std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

TEST(ParseDecimal, EveryDecimalIsRoundedAsTheStandardLibraryDoes) {
  std::vector<std::string> texts{"0",
                                 "-0",
                                 "0.1",
                                 "1.",
                                 ".5",
                                 "5e-324",
                                 "1e-45",
                                 "3.4028235e38",
                                 "16777217",
                                 "1677721.7",
                                 "0.30000001192092896",
                                 "12345678901"};
  for (int whole = 0; whole < 11; ++whole)
    for (int fraction = 0; fraction < 1000; fraction += 7)
      texts.push_back(std::to_string(whole) + "." + std::to_string(fraction));
  for (const std::string& text : texts) {
    float value = 0;
    ASSERT_TRUE(parse_decimal(text, value)) << text;
    EXPECT_EQ(bits_of(value), bits_of(std::strtof(text.c_str(), nullptr))) << text;
  }
}

TEST(ParseDecimal, WhatIsNoFiniteDecimalIsRefused) {
  for (const char* text : {"", "-", ".", "-.", "+1", "1,5", "1 ", " 1", "1e", "1.2.3", "--1", "nan",
                           "inf", "-inf", "1e39", "0x10", "1f", "1e400"}) {
    float value = 0;
    EXPECT_FALSE(parse_decimal(text, value)) << '"' << text << '"';
  }
}

}  // namespace
}  // namespace nnrec::import
