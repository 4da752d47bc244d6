#include "nnrec/run/option_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::run {
namespace {
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(OptionLines, KeepNamesValuesAndOrder) {
  EXPECT_THAT(read_option_lines("seed = 1\noptimizer = adam:beta1=0.9\ngroups = \na = b = c\n"),
              ElementsAre(Pair("seed", "1"), Pair("optimizer", "adam:beta1=0.9"),
                          Pair("groups", ""), Pair("a", "b = c")));
}

TEST(OptionLines, OtherLinesAreLeftOut) {
  EXPECT_THAT(read_option_lines(""), IsEmpty());
  EXPECT_THAT(read_option_lines("seed=1\n\nseed\n"), IsEmpty());
}

TEST(OptionLines, DifferWhereOneSideAloneHasAName) {
  EXPECT_THAT(differing_lines("b = 2\na = 1\nc = 3\n", "a = 1\nb = 3\nd = 4\n", "none"),
              ElementsAre("b = 2, was 3", "c = 3, was none", "d = none, was 4"));
}

TEST(OptionLines, AValueIsFoundByNameAndSeveralAreJoined) {
  const auto values = read_option_lines("seed = 1\ngroup = a:rate=1\ngroup = b:rate=2\n");
  EXPECT_EQ(value_of(values, "seed"), "1");
  EXPECT_EQ(value_of(values, "group"), "a:rate=1; b:rate=2");
  EXPECT_EQ(value_of(values, "batch"), "");
}

}  // namespace
}  // namespace nnrec::run
