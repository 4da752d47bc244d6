#include "nnrec/nn/first_weights.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/nn/parameters.hpp"

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

ParameterLayout two_blocks() {
  ParameterLayout layout;
  layout.add("user", 900, 16, BlockKind::table, InitialValues::embedding);
  layout.add("user_bias", 900, 1, BlockKind::table, InitialValues::zero);
  layout.add("weight", 40, 20, BlockKind::dense, InitialValues::glorot_uniform);
  return layout;
}

double deviation(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(FirstWeights, NormalRowsHaveTheScaleOverTheRootOfTheirLength) {
  const auto parameters = initialize(two_blocks(), {4, "normal:scale=0.5"});
  // Of 14,400 numbers a deviation is known to 0.6 %.
  EXPECT_NEAR(deviation(parameters.values(0)), 0.5 / 4, 0.5 / 4 * 0.03);
  EXPECT_GT(std::ranges::max(parameters.values(0)), 0.3F) << "further than three deviations";
  EXPECT_EQ(deviation(parameters.values(1)), 0);
}

TEST(FirstWeights, OtherBlocksKeepTheirOwn) {
  const auto published = initialize(two_blocks(), 4);
  const auto normal = initialize(two_blocks(), {4, "normal:scale=0.5"});
  EXPECT_TRUE(std::ranges::equal(published.values(2), normal.values(2)));
  EXPECT_FALSE(std::ranges::equal(published.values(0), normal.values(0)));
}

TEST(FirstWeights, AnElementIsTheSameWhoeverDrawsIt) {
  const FirstWeights first(4, "normal");
  const auto whole = initialize(two_blocks(), first);
  ParameterSet parts(two_blocks());
  for (const int share : {2, 0, 1}) initialize(parts, first, share, 3);
  EXPECT_EQ(parts.digest(), whole.digest());
}

TEST(FirstWeights, UniformIsAsPublishedUnlessALimitIsGiven) {
  EXPECT_EQ(initialize(two_blocks(), 4).digest(),
            initialize(two_blocks(), {4, "uniform:limit=0.05"}).digest());
  const auto wide = initialize(two_blocks(), {4, "uniform:limit=0.5"});
  EXPECT_LT(std::ranges::max(wide.values(0)), 0.5F);
  EXPECT_GT(std::ranges::max(wide.values(0)), 0.49F);
  EXPECT_EQ(FirstWeights(4).text(), "uniform:limit=0.05");
  EXPECT_EQ(FirstWeights(4, "normal").text(), "normal:scale=0.5");
}

TEST(FirstWeights, WhatIsNotUnderstoodIsRefused) {
  const auto refuse = [](const char* text, const char* message) {
    testing::expect_error(ErrorKind::usage, ::testing::HasSubstr(message),
                          [&] { FirstWeights(1, text); });
  };
  refuse("norml", "norml is not one of uniform, normal");
  refuse("normal:limit=1", "normal: limit is not one of scale");
  refuse("uniform:limit=-1", "uniform: limit = -1 is not a number in 0..");
}

}  // namespace
}  // namespace nnrec::nn
