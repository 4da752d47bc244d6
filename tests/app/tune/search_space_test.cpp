#include "app/tune/search_space.hpp"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/numbers.hpp"

#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

double number_at(const ValueSet& set, double uniform) {
  return parse_number<double>(set.at(uniform)).value();
}

TEST(ValueSet, ARangeIsCrossedFromEndToEnd) {
  EXPECT_EQ(ValueSet("0.2..0.6").at(0), "0.2");
  EXPECT_EQ(ValueSet("0.2..0.6").at(0.5), "0.4");
  EXPECT_EQ(ValueSet("-1.5..2").at(0.25), "-0.625");
  const ValueSet rate("0.001..0.1:log");
  EXPECT_EQ(rate.at(0), "0.001");
  EXPECT_EQ(rate.at(0.5), "0.01") << "the middle of a logarithmic range is the geometric mean";
  EXPECT_NEAR(number_at(rate, 0.999999), 0.1, 1e-4);
  EXPECT_EQ(ValueSet("1e-3..1e-1:log").at(0.5), "0.01");
}

TEST(ValueSet, OfWholeNumbersEachIsReachedAndNoneBeyond) {
  const ValueSet equal("3..5");
  std::map<std::string, int> counts;
  for (int i = 0; i < 300; ++i) ++counts[equal.at((i + 0.5) / 300)];
  EXPECT_THAT(counts, ElementsAre(std::pair("3", 100), std::pair("4", 100), std::pair("5", 100)));
  const ValueSet powers("8..64:log");
  EXPECT_EQ(powers.at(0), "8");
  EXPECT_EQ(powers.at(0.99999999), "64");
  EXPECT_EQ(powers.at(0.5), "22") << "floor of sqrt(8 x 65)";
}

TEST(ValueSet, AListHasEachValueEquallyOften) {
  const ValueSet list("500,1000,2000");
  EXPECT_EQ(list.at(0), "500");
  EXPECT_EQ(list.at(0.34), "1000");
  EXPECT_EQ(list.at(0.9999), "2000");
  EXPECT_THAT(ValueSet("64,16|64").values(), ElementsAre("64,16", "64"));
  EXPECT_THAT(ValueSet("12").values(), ElementsAre("12"));
}

TEST(ValueSet, WhatIsNoneIsRefusedByItsText) {
  for (const char* text :
       {"0.1..", "..3", "a..b", "1..2..3", "1..inf", "nan..2", "5..5", "3..2", "0..1:log",
        "-1..1:log", "1..2:lin", "1..2:", "1,,2", "", "1,2,1", "a|", "0..9007199254740993"}) {
    expect_error(ErrorKind::usage, HasSubstr(std::string(text) + ": "), [&] { ValueSet{text}; });
  }
}

TEST(SearchSpace, DrawsWithinOptionsAndNamesThePlaces) {
  const SearchSpace space({"learning-rate=0.001..0.02:log",
                           "group=tables:row_penalty={1..9:log},count_penalty={0.1,0.2},rows=all",
                           "group=page_bias:row_penalty={12},rows=all",
                           "dropout={0..0.4},{0.5|0.6}", "optimizer=adam:beta2={0.9,0.99}"});
  std::vector<std::string> labels;
  for (const auto& place : space.places()) labels.push_back(place.label);
  EXPECT_THAT(labels, ElementsAre("learning-rate", "tables.row_penalty", "tables.count_penalty",
                                  "page_bias.row_penalty", "dropout.1", "dropout.2", "adam.beta2"));
  const TrialDraw draw = space.draw(1, 5);
  const auto& values = draw.values;
  ASSERT_EQ(values.size(), 7U);
  EXPECT_THAT(draw.options, ElementsAre("learning-rate = " + values[0],
                                        "group = tables:row_penalty=" + values[1] +
                                            ",count_penalty=" + values[2] + ",rows=all",
                                        "group = page_bias:row_penalty=12,rows=all",
                                        "dropout = " + values[4] + "," + values[5],
                                        "optimizer = adam:beta2=" + values[6]));
}

/// What a trial has tried stays true on every machine and in every later version.
TEST(SearchSpace, ATrialsDrawIsAFunctionOfSeedAndNumber) {
  const SearchSpace space(
      {"learning-rate=0.001..0.02:log", "batch=500,1000,2000", "embedding-dim=8..64:log"});
  EXPECT_THAT(space.draw(1, 1).values, ElementsAre("0.0129", "500", "29"));
  EXPECT_THAT(space.draw(1, 2).values, ElementsAre("0.005194", "500", "33"));
  EXPECT_THAT(space.draw(2, 1).values, ElementsAre("0.005042", "2000", "10"));
}

TEST(SearchSpace, DrawsFillTheRange) {
  const SearchSpace space({"rate=0.001..1:log", "x=0.0..1.0"});
  std::map<int, int> decades;
  double product = 0;
  for (std::uint64_t trial = 1; trial <= 3000; ++trial) {
    const auto values = space.draw(7, trial).values;
    const double exponent = std::log10(parse_number<double>(values[0]).value());
    ++decades[static_cast<int>(std::floor(exponent))];
    product += (exponent + 1.5) * (parse_number<double>(values[1]).value() - 0.5);
  }
  for (const int decade : {-3, -2, -1}) {
    EXPECT_NEAR(decades[decade], 1000, 110) << "four standard deviations";
  }
  EXPECT_NEAR(product / 3000, 0, 0.02) << "places are independent: deviation 0.25 / sqrt(3000)";
}

TEST(SearchSpace, WhereATrialTrainsAndFromWhereIsNoOptionOfAll) {
  for (const char* name : {"run", "epochs", "resume", "warm-start", "preflight", "data"}) {
    expect_error(ErrorKind::usage, HasSubstr(fmt::format("{} is a trial's own", name)),
                 [&] { split_option(fmt::format("{}=x", name)); });
  }
  EXPECT_EQ(split_option("seed=3").value, "3");
}

TEST(SearchSpace, WhatIsNoSearchIsRefusedByItsText) {
  for (const char* text :
       {"batch", "batch=", "=1,2", "--batch=1,2", "group=a:x={1..2", "group=a:x=1}",
        "group=a:x={{1}}", "group=a:x={}", "rate=2..1", "epochs=1,2", "run=a,b", "data=a,b"}) {
    expect_error(ErrorKind::usage, HasSubstr(std::string(text) + ": "),
                 [&] { SearchSpace({text}); });
  }
}

}  // namespace
}  // namespace nnrec::app
