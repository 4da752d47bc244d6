#include "nnrec/nn/rate_schedule.hpp"

#include <cmath>
#include <numbers>

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

/// Of the update that begins after `epochs`, far from any warm-up.
double factor_at(const RateSchedule& schedule, double epochs) {
  return schedule.factor({1000, epochs}, {1001, epochs + 0.01});
}

TEST(RateSchedule, IsConstantWhereNothingIsSaid) {
  EXPECT_EQ(factor_at(RateSchedule(), 0), 1);
  EXPECT_EQ(factor_at(RateSchedule("constant", {}, 20), 1e6), 1);
}

TEST(RateSchedule, StepsFallAfterEachStretch) {
  const RateSchedule schedule("step:every=2.5,factor=0.5", {}, 20);
  EXPECT_EQ(factor_at(schedule, 0), 1);
  EXPECT_EQ(factor_at(schedule, 2.4999), 1);
  EXPECT_EQ(factor_at(schedule, 2.5), 0.5);
  EXPECT_EQ(factor_at(schedule, 7.5), 0.125);
  EXPECT_EQ(factor_at(schedule, 1e9), 0);
}

TEST(RateSchedule, ALineLeadsToItsEndAndStays) {
  const RateSchedule schedule("linear:over=4,end=0.2", {}, 20);
  EXPECT_EQ(factor_at(schedule, 0), 1);
  EXPECT_DOUBLE_EQ(factor_at(schedule, 1), 0.8);
  EXPECT_DOUBLE_EQ(factor_at(schedule, 3), 0.4);
  EXPECT_EQ(factor_at(schedule, 4), 0.2);
  EXPECT_EQ(factor_at(schedule, 40), 0.2);
}

TEST(RateSchedule, ACosineGoesOverTheWholeRunUnlessItIsTold) {
  const RateSchedule whole("cosine", {}, 20);
  EXPECT_EQ(whole.text(), "cosine:over=20,end=0");
  for (double epochs = 0; epochs < 20; epochs += 0.37) {
    EXPECT_NEAR(factor_at(whole, epochs), 0.5 + 0.5 * std::cos(std::numbers::pi * epochs / 20),
                1e-15);
  }
  EXPECT_EQ(factor_at(whole, 20), 0);
  const RateSchedule told("cosine:over=10,end=0.1", {}, 20);
  EXPECT_NEAR(factor_at(told, 5), 0.55, 1e-15);
  EXPECT_EQ(factor_at(told, 15), 0.1);
}

TEST(RateSchedule, TheCosineIsThatOfTheLibraryToTheLastDigit) {
  EXPECT_EQ(cosine_of_half_turns(0.5), 0);
  for (int i = 0; i <= 1000; ++i) {
    const double x = i / 1000.0;
    EXPECT_NEAR(cosine_of_half_turns(x), std::cos(std::numbers::pi * x), 4e-16) << x;
  }
}

TEST(RateSchedule, TheFirstUpdateOfAWarmUpMoves) {
  const RateSchedule steps("constant", parse_warm_up("4steps"), 20);
  EXPECT_EQ(steps.factor({0, 0}, {1, 0.1}), 0.25);
  EXPECT_EQ(steps.factor({2, 0.2}, {3, 0.3}), 0.75);
  EXPECT_EQ(steps.factor({3, 0.3}, {4, 0.4}), 1);
  EXPECT_EQ(steps.factor({99, 9.9}, {100, 10}), 1);
  const RateSchedule epochs("constant", parse_warm_up("0.5epochs"), 20);
  EXPECT_EQ(epochs.factor({0, 0}, {1, 0.125}), 0.25);
  EXPECT_EQ(epochs.factor({3, 0.375}, {4, 0.5}), 1);
}

TEST(RateSchedule, AWarmUpMultipliesTheShape) {
  const RateSchedule schedule("linear:over=10,end=0", parse_warm_up("2epoch"), 20);
  EXPECT_DOUBLE_EQ(schedule.factor({9, 0.9}, {10, 1}), 0.5 * 0.91);
  EXPECT_DOUBLE_EQ(schedule.factor({50, 5}, {51, 5.1}), 0.5);
}

TEST(RateSchedule, WhatIsNotUnderstoodIsRefused) {
  const auto refuse = [](const char* shape, const char* message) {
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { RateSchedule(shape, {}, 20); });
  };
  refuse("cosin", "cosin is not one of constant, step, linear, cosine (did you mean cosine?)");
  refuse("constant:end=1", "has no settings");
  refuse("cosine:every=2", "cosine: every is not one of over, end");
  refuse("linear:end=2", "linear: end = 2 is not a number in 0..1");
  refuse("step:every=0", "step: every = 0 is not");
  for (const char* warm_up :
       {"", "5", "0steps", "-1epochs", "steps", "2 epochs", "5min", "nanepochs", "infsteps"}) {
    expect_error(ErrorKind::usage, HasSubstr("is not none, or a number above 0"),
                 [&] { parse_warm_up(warm_up); });
  }
}

}  // namespace
}  // namespace nnrec::nn
