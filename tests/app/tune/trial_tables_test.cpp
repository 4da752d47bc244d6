#include "app/tune/trial_tables.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/numbers.hpp"

namespace nnrec::app {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr double kFailed = std::numeric_limits<double>::infinity();

TuningPlan plan_of(std::size_t trials, std::vector<std::string> searches) {
  return {"set", {}, SearchSpace(searches), 1, {trials, {1, 4}, 2}};
}

/// All trials of the first rung, their errors a function of what was drawn.
template <typename ErrorOf>
Rung first_rung(const TuningPlan& plan, ErrorOf error_of) {
  Rung rung{{0, 1.0}};
  for (std::size_t trial = 1; trial <= plan.halving.trials; ++trial)
    rung.push_back({trial, error_of(plan.space.draw(plan.seed, trial).values)});
  return rung;
}

TEST(TrialsTable, WhatWentFurthestStandsFirstThenTheBest) {
  const TuningPlan plan = plan_of(4, {"batch=5", "rate=0.1..0.2"});
  const std::vector<Rung> rungs{{{0, 0.5}, {1, 0.9}, {2, 0.7}, {3, kFailed}, {4, 0.8}},
                                {{0, 0.95}, {2, 0.93}, {4, std::nullopt}}};
  const std::string table = trials_table(plan, rungs);
  EXPECT_THAT(table, ContainsRegex("^trial +place +epochs +validation RMSE +batch +rate\n"
                                   "[- ]+\n"
                                   "trial-002 +1 +4 +0.9300 +5 +0.1[0-9]+\n"
                                   "as-given +2 +4 +0.9500 +- +-\n"
                                   "trial-004 +3 +1 +0.8000 +5 +0.1[0-9]+\n"
                                   "trial-001 +4 +1 +0.9000 +5 +0.1[0-9]+\n"));
  EXPECT_THAT(table, HasSubstr("1 of 5 trials failed in 1 epochs"));
  EXPECT_THAT(table, HasSubstr("not done yet: 1 of 3 trials of rung 2 of 2 are to be trained"));
}

TEST(TrialEffects, FindWhatMattersAndLeaveChanceToChance) {
  const TuningPlan plan = plan_of(40, {"idle=0.0..1.0", "kind=a,b", "level=1..100:log"});
  const Rung first = first_rung(plan, [](const std::vector<std::string>& values) {
    return std::stod(values[2]) + (values[1] == "a" ? 10 : 0);
  });
  const auto effects = effects_of(plan, first);
  ASSERT_EQ(effects.size(), 3U);
  EXPECT_EQ(effects[0].place, 2U) << "level";
  EXPECT_GT(effects[0].share, 0.7);
  ASSERT_EQ(effects[0].groups.size(), 4U);
  EXPECT_EQ(effects[0].groups[0].trials, 10U);
  EXPECT_LT(effects[0].groups[0].mean, effects[0].groups[3].mean);
  const auto& idle = effects[0].place == 0   ? effects[0]
                     : effects[1].place == 0 ? effects[1]
                                             : effects[2];
  EXPECT_NEAR(idle.share_by_chance, 3.0 / 39, 1e-12);
  EXPECT_LT(idle.share, 4 * idle.share_by_chance);
}

TEST(TrialEffects, AListHasAGroupAValue) {
  const TuningPlan plan = plan_of(30, {"kind=a,b"});
  const Rung first = first_rung(
      plan, [](const std::vector<std::string>& values) { return values[0] == "a" ? 3.0 : 2.0; });
  const auto effects = effects_of(plan, first);
  ASSERT_EQ(effects[0].groups.size(), 2U);
  EXPECT_EQ(effects[0].groups[0].values, "a");
  EXPECT_EQ(effects[0].groups[0].mean, 3);
  EXPECT_EQ(effects[0].groups[1].best, 2);
  EXPECT_NEAR(effects[0].share, 1, 1e-12) << "nothing else decides";
  EXPECT_THAT(effects_table(plan, effects),
              ContainsRegex("kind +100 % +3 % +[0-9]+ +3.0000 +3.0000 +a"));
}

TEST(TrialEffects, FailedTrialsAndTheOneAsGivenDoNotCount) {
  const TuningPlan plan = plan_of(5, {"kind=a"});
  Rung rung{{0, 100.0}, {1, 1.0}, {2, kFailed}, {3, 1.0}, {4, 1.0}, {5, 1.0}};
  EXPECT_EQ(effects_of(plan, rung).at(0).groups.at(0).trials, 4U);
  rung[1].rmse.reset();
  EXPECT_TRUE(effects_of(plan, rung).empty()) << "three are too few";
}

}  // namespace
}  // namespace nnrec::app
