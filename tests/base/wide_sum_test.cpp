#include "nnrec/base/wide_sum.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(WideSum, GoesBeyondSixtyFourBits) {
  WideSum sum;
  for (int i = 0; i < 1000; ++i) sum += std::numeric_limits<std::int64_t>::max();
  EXPECT_DOUBLE_EQ(sum.to_double(), 1000.0 * 0x1p63);
}

TEST(WideSum, WordsOfPartsAddUpToThoseOfTheWhole) {
  WideSum whole;
  WideSum::Words words{};
  for (std::int64_t part = -3; part < 40; ++part) {
    WideSum sum;
    for (int i = 0; i < 7; ++i) sum += part * 0x0123456789abcdef + i;
    whole += sum;
    const auto more = sum.words();
    for (std::size_t w = 0; w < words.size(); ++w) words[w] += more[w];
  }
  EXPECT_EQ(WideSum(words), whole);
  EXPECT_EQ(WideSum(whole.words()), whole);
}

TEST(WideSum, AnyWordsAreRead) {
  constexpr auto kLowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHighest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(WideSum({-1, -1, -1}).to_double(), -0x1p84 - 0x1p42 - 1);
  for (const auto& words :
       {WideSum::Words{kLowest, kLowest, kLowest}, WideSum::Words{kHighest, kHighest, kHighest}}) {
    const WideSum sum(words);
    EXPECT_EQ(WideSum(sum.words()), sum);
  }
}

}  // namespace
}  // namespace nnrec
