#include "nnrec/base/random.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers published with the Random123 library (kat_vectors, philox4x32-10).
TEST(Philox, AgreesWithPublishedKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U}));
  const std::uint32_t ones = 0xffffffffU;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU}));
  EXPECT_EQ(
      philox4x32({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}),
      (Words{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U}));
}

TEST(CounterRandom, EachPartOfTheKeyChangesTheDraw) {
  const CounterRandom base(1, Purpose::dropout, 2);
  EXPECT_EQ(base.bits(3), CounterRandom(1, Purpose::dropout, 2).bits(3));
  EXPECT_NE(base.bits(3), base.bits(4));
  EXPECT_NE(base.bits(3), CounterRandom(2, Purpose::dropout, 2).bits(3));
  EXPECT_NE(base.bits(3), CounterRandom(1, Purpose::split, 2).bits(3));
  EXPECT_NE(base.bits(3), CounterRandom(1, Purpose::dropout, 3).bits(3));
  EXPECT_NE(base.bits(3), base.bits(3 + (std::uint64_t{1} << 32)));
}

TEST(CounterRandom, UniformValuesHaveTheirRangeAndMean) {
  const CounterRandom random(7, Purpose::synthetic, 0);
  const int draws = 200000;
  double uniform_sum = 0;
  for (std::uint64_t index = 0; index < draws; ++index) {
    const double value = random.uniform(index);
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ASSERT_LT(random.uniform_float(index), 1.0F);
    uniform_sum += value;
  }
  EXPECT_NEAR(uniform_sum / draws, 0.5, 0.003);
}

}  // namespace
}  // namespace nnrec
