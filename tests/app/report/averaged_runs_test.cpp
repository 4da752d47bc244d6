#include "app/report/averaged_runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/run/changes.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AveragedRun run_of(const std::string& name, const std::string& seed, const std::string& rate) {
  return {name, 20, "digest of " + name, {{"seed", seed}, {"learning-rate", rate}}};
}

TEST(AveragedRuns, OfDifferentSeedsThereIsNothingToSay) {
  EXPECT_THAT(notes_on_mean("basic", {}), IsEmpty());
  EXPECT_THAT(notes_on_mean("basic", {run_of("a", "1", "0.1"), run_of("b", "2", "0.1")}),
              IsEmpty());
}

TEST(AveragedRuns, OptionsThatDifferAreNamedWithTheirValues) {
  AveragedRun longer = run_of("c", "3", "0.1");
  longer.epochs = 30;
  longer.options.emplace_back("ema", "0.9");
  EXPECT_THAT(
      notes_on_mean("basic", {run_of("a", "1", "0.1"), run_of("b", "2", "0.5"), longer}),
      ElementsAre("The runs of basic differ in more than their seeds: epochs (20, 30), "
                  "learning-rate (0.1, 0.5), ema (none, 0.9). Mean and spread are of different "
                  "recipes."));
}

TEST(AveragedRuns, WhatIsNotKnownOfARunDiffersFromNothing) {
  EXPECT_THAT(notes_on_mean("basic", {run_of("a", "1", "0.1"), {"b", 20}, {"c", 20}}), IsEmpty());
}

TEST(AveragedRuns, ThatBeganWithOthersWeightsOrWereChangedAreNamed) {
  AveragedRun warm = run_of("a", "1", "0.1");
  for (const std::string& line : run::warm_start_lines({"/b", 5, "digest of b", {"digest of c"}}))
    warm.changes += std::string(run::kWarmStartMark) + line + "\n";
  warm.changes += "warm start: rows of user: 5 known\n";
  AveragedRun changed = run_of("b", "2", "0.1");
  changed.changes = "step 40: learning-rate = 0.1, was 0.5\nstep 40: rows of user follow ids\n";
  for (int step = 50; step < 56; ++step) changed.changes += fmt::format("step {}: a = 2\n", step);
  changed.changes += run::change_at(80, run::data_change("digest of b", "digest of d")) + "\n";
  EXPECT_THAT(
      notes_on_mean("basic", {warm, changed, run_of("c", "3", "0.1")}),
      ElementsAre("The model of basic in a is not of these options alone: warm start: begins "
                  "with the weights of /b (step 5, data digest digest of b); it has learnt "
                  "from data of digest digest of c, digest of b.",
                  "The model of basic in b is not of these options alone: step 40: "
                  "learning-rate = 0.1, was 0.5; step 50: a = 2; step 51: a = 2; step 52: "
                  "a = 2; step 53: a = 2; and 3 more; it has learnt from data of digest "
                  "digest of d."));
}

TEST(AveragedRuns, AModelThatCountsSeveralTimesIsNamed) {
  AveragedRun copy = run_of("b", "1", "0.1");
  copy.model_digest = "digest of a";
  EXPECT_THAT(notes_on_mean("basic", {run_of("a", "1", "0.1"), copy, run_of("c", "2", "0.1")}),
              ElementsAre("The runs a, b have the same model of basic, bit for bit: it counts 2 "
                          "times in mean and spread."));
}

}  // namespace
}  // namespace nnrec::app
