#include "app/tune/halving.hpp"

#include <cmath>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/tune/search_space.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;

constexpr double kFailed = std::numeric_limits<double>::infinity();

std::vector<std::size_t> trials_of(const Rung& rung) {
  std::vector<std::size_t> trials;
  for (const TrialEnd& end : rung) trials.push_back(end.trial);
  return trials;
}

TEST(Halving, TheBestThirdGoesOnBesideWhatIsGiven) {
  // Trial 4 is best in the first rung, trial 2 in the second.
  const std::vector<double> first{9, 5, 2, 6, 1, 7, 3, 8, 4, 9};
  const auto rungs = rungs_so_far({9, {1, 3, 9}, 3}, [&](std::size_t trial, std::size_t rung) {
    if (rung == 0) return std::optional(first[trial]);
    return std::optional(trial == 2 ? 0.5 : 1.0);
  });
  ASSERT_EQ(rungs.size(), 3U);
  EXPECT_EQ(rungs[0].size(), 10U);
  EXPECT_THAT(trials_of(rungs[1]), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(trials_of(rungs[2]), ElementsAre(0, 2));
  EXPECT_EQ(rungs[2].back().rmse, 0.5);
}

TEST(Halving, ARungWaitsForAllOfTheOneBefore) {
  const auto rungs = rungs_so_far({4, {1, 2}, 2}, [](std::size_t trial, std::size_t) {
    return trial == 3 ? std::optional<double>() : std::optional(1.0);
  });
  ASSERT_EQ(rungs.size(), 1U);
  EXPECT_FALSE(rungs[0][3].rmse);
}

TEST(Halving, OfEqualErrorsTheFirstGoesOnAndOneAlwaysDoes) {
  const auto equal = [](std::size_t, std::size_t) { return std::optional(1.0); };
  EXPECT_THAT(trials_of(rungs_so_far({4, {1, 2}, 2}, equal).back()), ElementsAre(0, 1, 2));
  EXPECT_THAT(trials_of(rungs_so_far({2, {1, 2, 3}, 5}, equal).back()), ElementsAre(0, 1));
}

TEST(Halving, WhatFailedDoesNotGoOn) {
  const auto rungs = rungs_so_far({6, {1, 2}, 2}, [](std::size_t trial, std::size_t) {
    return std::optional(trial % 2 == 0 ? kFailed : 1.0);
  });
  EXPECT_THAT(trials_of(rungs[1]), ElementsAre(1, 3, 5)) << "not what is given either, trial 0";
  const auto none =
      rungs_so_far({2, {1, 2}, 2}, [](std::size_t, std::size_t) { return std::optional(kFailed); });
  EXPECT_TRUE(none.back().empty());
}

TEST(Halving, SaysHowManyTrialsARungHas) {
  EXPECT_THAT(rung_sizes({27, {1, 3, 9}, 3}), ElementsAre(28, 10, 4));
  EXPECT_THAT(rung_sizes({2, {1, 3, 9}, 3}), ElementsAre(3, 2, 2));
}

/// Halving sees an error that falls towards a trial's own floor at a pace of its own, and finds
/// nearly the best of all trials with a third of the epochs.
TEST(Halving, FindsAPlantedOptimum) {
  const SearchSpace space({"x=0.0..1.0", "y=0.01..100:log"});
  const Halving halving{81, {2, 6, 18}, 3};
  std::map<std::size_t, double> floors;
  for (std::size_t trial = 0; trial <= halving.trials; ++trial) {
    const auto values = space.draw(3, trial).values;
    const double x = std::stod(values[0]) - 0.3;
    const double y = std::log10(std::stod(values[1])) / 2;
    floors[trial] = x * x + y * y;
  }
  std::uint64_t epochs = 0;
  const auto rungs = rungs_so_far(halving, [&](std::size_t trial, std::size_t rung) {
    epochs += halving.epochs[rung] - (rung == 0 ? 0 : halving.epochs[rung - 1]);
    return std::optional(floors[trial] +
                         std::exp(-0.5 * static_cast<double>(halving.epochs[rung])));
  });
  double found = kFailed;
  for (const TrialEnd& end : rungs.back()) found = std::min(found, floors[end.trial]);
  floors.erase(0);
  double best = kFailed;
  for (const auto& [trial, floor] : floors) best = std::min(best, floor);
  EXPECT_EQ(found, best);
  EXPECT_LT(epochs, 82U * 18 / 3);
}

}  // namespace
}  // namespace nnrec::app
