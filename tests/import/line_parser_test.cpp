#include "import/line_parser.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
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
  EXPECT_EQ(parsing.fault.kind, LineFault::Kind::bad);
  EXPECT_EQ(parsing.fault_of("\t242\t3\t1"), "user = \"\" is empty");
  EXPECT_EQ(parsing.fault.column, 0U);
  EXPECT_THAT(parsing.fault_of("1\t2\x01\t3\t1"), HasSubstr("has a control character"));
  EXPECT_THAT(parsing.fault_of("1\t2\t3\tnoon"),
              HasSubstr("is neither seconds since 1970 nor a date"));
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

TEST(LineParser, ADecimalCommaLeavesNoPlaceForAPoint) {
  RatingLayout layout = tab_layout();
  layout.decimal = ',';
  Parsing parsing(layout);
  ASSERT_TRUE(parsing.parse("1\t2\t3,5\t1"));
  EXPECT_EQ(parsing.rating.rating, 3.5F);
  EXPECT_THAT(parsing.fault_of("1\t2\t3.5\t1"), HasSubstr("has a decimal point"));
}

}  // namespace
}  // namespace nnrec::importing
