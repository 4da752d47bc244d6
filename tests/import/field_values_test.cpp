#include "import/field_values.hpp"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {
using ::testing::HasSubstr;

/// The values of fields, one at a time.
struct Reading {
  explicit Reading(const RatingRules& rules = {}, const ValueForms& forms = {})
      : values(rules, forms) {}

  bool time(std::string_view text) {
    rating = {};
    return values.time({3, "time"}, text, rating, fault);
  }
  std::int64_t seconds(std::string_view text) {
    EXPECT_TRUE(time(text)) << text << ": " << fault.text;
    return rating.time;
  }
  bool user(std::string_view text) {
    rating = {};
    return values.user({0, "user"}, text, rating, fault);
  }
  bool value(std::string_view text) {
    rating = {};
    return values.rating({2, "rating"}, text, rating, fault) &&
           values.on_scale({2, "rating"}, rating, fault);
  }

  FieldValues values;
  LineRating rating;
  LineFault fault;
};

TEST(FieldValues, TimesAreSecondsOrMillisecondsOrMissing) {
  Reading reading;
  EXPECT_EQ(reading.seconds(""), kNoTime);
  EXPECT_TRUE(reading.rating.seen.has(Seen::no_time));
  EXPECT_EQ(reading.seconds("978300000"), 978300000);
  EXPECT_TRUE(reading.rating.seen.has(Seen::seconds));
  EXPECT_EQ(reading.seconds("978300000123"), 978300000);
  EXPECT_TRUE(reading.rating.seen.has(Seen::milliseconds));
  EXPECT_EQ(reading.seconds("99999999999999"), kLastTime / 1000 - 1);
  for (const char* text : {"100000000000000", "-100000000000000", "1e300", "nan", "inf", "noon"})
    EXPECT_FALSE(reading.time(text)) << text;
}

TEST(FieldValues, TimesWithFractionsAreRoundedDownAndSaid) {
  Reading reading;
  EXPECT_EQ(reading.seconds("1365029107.0"), 1365029107);
  EXPECT_FALSE(reading.rating.seen.has(Seen::part_second)) << "nothing is lost";
  EXPECT_EQ(reading.seconds("1365029107.9"), 1365029107);
  EXPECT_TRUE(reading.rating.seen.has(Seen::part_second));
  EXPECT_EQ(reading.seconds("-1.5"), -2);
  EXPECT_EQ(reading.seconds("8.81250949E8"), 881250949);
  EXPECT_EQ(reading.seconds("1.365029107123e12"), 1365029107);
}

TEST(FieldValues, TimesBefore1970AreKeptAndSaid) {
  Reading reading;
  EXPECT_EQ(reading.seconds("-1"), -1);
  EXPECT_TRUE(reading.rating.seen.has(Seen::before_1970));
  EXPECT_EQ(reading.seconds("1969-12-31 23:59:59"), -1);
  EXPECT_TRUE(reading.rating.seen.has(Seen::before_1970));
  EXPECT_EQ(reading.seconds("-100000000001"), -100000001) << "milliseconds, rounded down";
  EXPECT_EQ(reading.seconds("0"), 0);
  EXPECT_FALSE(reading.rating.seen.has(Seen::before_1970));
}

TEST(FieldValues, DatesAsTextAreReadAsIso8601OrAsThePatternSays) {
  Reading iso;
  EXPECT_EQ(iso.seconds("2005-04-03 21:53:47"), 1112565227);
  EXPECT_TRUE(iso.rating.seen.has(Seen::dates));
  EXPECT_FALSE(iso.time("03/04/2005"));
  EXPECT_THAT(iso.fault.text, HasSubstr("--time-format"));
  Reading pattern({}, {'.', "%d/%m/%Y"});
  EXPECT_EQ(pattern.seconds("03/04/2005"), 1112486400);
  EXPECT_FALSE(pattern.time("2005-04-03"));
  EXPECT_EQ(pattern.seconds(""), kNoTime);
}

TEST(FieldValues, ValuesOutsideTheScaleAreWellFormedAndOffScale) {
  RatingRules rules;
  rules.scale = {0.5F, 5.0F};
  Reading reading(rules);
  EXPECT_TRUE(reading.value("0.5"));
  EXPECT_TRUE(reading.value("5"));
  EXPECT_FALSE(reading.value("41"));
  EXPECT_EQ(reading.fault.text, "rating = 41 is outside 0.5..5 (--scale)");
  EXPECT_EQ(reading.fault.kind, LineFault::Kind::off_scale);
}

TEST(FieldValues, ValuesThatStandForNoRatingAreToldFromBadOnes) {
  RatingRules rules;
  rules.scale = {1.0F, 10.0F};
  rules.not_rated = {-1, 99};
  Reading reading(rules);
  for (const char* text : {"-1", "-1.0", "99", "9.9e1"}) {
    EXPECT_FALSE(reading.value(text)) << text;
    EXPECT_EQ(reading.fault.kind, LineFault::Kind::not_rated) << text;
  }
  EXPECT_FALSE(reading.value("0"));
  EXPECT_EQ(reading.fault.kind, LineFault::Kind::off_scale);
}

TEST(FieldValues, IntegerIdsAreTheNumberHoweverItIsWritten) {
  RatingRules rules;
  rules.integer_ids = true;
  Reading reading(rules);
  ASSERT_TRUE(reading.user("007"));
  EXPECT_EQ(reading.rating.user, "7");
  ASSERT_TRUE(reading.user("-0"));
  EXPECT_EQ(reading.rating.user, "0");
  EXPECT_FALSE(reading.user("7.0"));
  EXPECT_THAT(reading.fault.text, HasSubstr("--integer-ids"));
  EXPECT_FALSE(reading.user("18446744073709551616"));
}

TEST(FieldValues, IdsThatSpreadsheetsRoundedAreSeen) {
  Reading reading;
  for (const char* text :
       {"1e5", "12E4", "E+12", "1E+", "1E+1x", "1.E+2", "1.5", "abc", "7", "e"}) {
    ASSERT_TRUE(reading.user(text)) << text;
    EXPECT_FALSE(reading.rating.seen.has(Seen::rounded_id)) << text;
  }
  for (const char* text : {"9.78044E+12", "9,78E+12", "9.78e12", "5e+5"}) {
    ASSERT_TRUE(reading.user(text)) << text;
    EXPECT_TRUE(reading.rating.seen.has(Seen::rounded_id)) << text;
    EXPECT_EQ(reading.rating.user, text) << "as it is written";
  }
}

TEST(FieldValues, QuotesThatAreAPartOfAnIdAreSeen) {
  Reading reading;
  for (const char* text : {"\"7\"", "'ann'", "'", "\"a", "O'Brien'", "'\""}) {
    ASSERT_TRUE(reading.user(text));
    EXPECT_EQ(reading.rating.user, text);
    EXPECT_EQ(reading.rating.seen.has(Seen::quoted_id),
              std::string_view(text) == "\"7\"" || std::string_view(text) == "'ann'")
        << text;
  }
}

TEST(FieldValues, AMarkOfAnotherFileWithinAnIdIsAFault) {
  Reading reading;
  EXPECT_FALSE(
      reading.user("\xEF\xBB\xBF"
                   "7"));
  EXPECT_THAT(reading.fault.text, HasSubstr("has a byte order mark"));
}

TEST(FieldValues, CharactersOfIdsThatAreNotSeenAreSeen) {
  Reading reading;
  for (const char* text : {"7\xC2\xA0",
                           "\xE3\x80\x80"
                           "7",
                           "7\xE2\x80\x8B"
                           "8",
                           "7\xC2\xAD"}) {
    ASSERT_TRUE(reading.user(text));
    EXPECT_TRUE(reading.rating.seen.has(Seen::unseen_id)) << text;
    EXPECT_EQ(reading.rating.user, text) << "as it is written";
  }
  ASSERT_TRUE(reading.user("7\xA0"));
  EXPECT_TRUE(reading.rating.seen.has(Seen::unseen_id)) << "in Latin-1";
  for (const char* text : {"a\xC2\xA0"
                           "b",
                           "caf\xC3\xA9", "\xE6\x98\xA0"}) {
    ASSERT_TRUE(reading.user(text));
    EXPECT_FALSE(reading.rating.seen.has(Seen::unseen_id)) << text;
  }
}

TEST(FieldValues, IdsThatStandForNothingAreSeen) {
  Reading reading;
  for (const char* text : {"NA", "N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "\\N"}) {
    ASSERT_TRUE(reading.user(text));
    EXPECT_TRUE(reading.rating.seen.has(Seen::absent_id)) << text;
    EXPECT_EQ(reading.rating.user, text) << "as it is written";
  }
  Reading others;
  for (const char* text : {"N", "Na", "NANA", "0", "-1", "Nina", "nulls"}) {
    ASSERT_TRUE(others.user(text));
    EXPECT_FALSE(others.rating.seen.has(Seen::absent_id)) << text;
  }
}

TEST(FieldValues, IdsAreUtf8OrLatin1AsTheRulesSay) {
  const std::string utf8 = "Mis\xC3\xA9rables";
  const std::string latin1 = "Mis\xE9rables";
  RatingRules rules;
  rules.encoding = Encoding::automatic;
  Reading automatic(rules);
  ASSERT_TRUE(automatic.user(latin1));
  EXPECT_EQ(automatic.rating.user, utf8);
  EXPECT_TRUE(automatic.rating.seen.has(Seen::latin1));
  ASSERT_TRUE(automatic.user(utf8));
  EXPECT_EQ(automatic.rating.user, utf8);
  EXPECT_FALSE(automatic.rating.seen.has(Seen::latin1));

  rules.encoding = Encoding::utf8;
  Reading strict(rules);
  EXPECT_FALSE(strict.user(latin1));
  EXPECT_THAT(strict.fault.text, HasSubstr("--encoding"));
  rules.encoding = Encoding::latin1;
  Reading forced(rules);
  ASSERT_TRUE(forced.user(utf8));
  EXPECT_EQ(forced.rating.user, "Mis\xC3\x83\xC2\xA9rables");
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
}  // namespace nnrec::importing
