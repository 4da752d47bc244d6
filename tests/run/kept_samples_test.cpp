#include "run/kept_samples.hpp"

#include <set>

#include <gmock/gmock.h>

#include "support/dist_fixture.hpp"

namespace nnrec::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kEpochSteps = 5;

/// A sampled run whose burn-in ends with the fourth epoch.
struct Sampled {
  int most = 4;
  std::set<std::uint64_t> undone{};
  std::vector<SavedCheckpoint> kept{};

  RunOptions options(int epochs) const {
    RunOptions options;
    options.sampler = "sgld:warm_up=2,burn_in=4";
    options.keep_samples = most;
    options.epochs = epochs;
    return options;
  }
  /// Trains from behind epoch `from` to the end of `to`, of `epochs`; returns the kept ones'
  /// epochs.
  std::vector<std::uint64_t> train(int from, int to, int epochs) {
    train::TrainProgress progress;
    for (progress.epoch = static_cast<std::uint64_t>(from);
         progress.epoch < static_cast<std::uint64_t>(to);) {
      ++progress.epoch;
      progress.step = progress.epoch * kEpochSteps;
      if (progress.epoch <= 4 || undone.contains(progress.epoch)) continue;
      if (is_kept(progress, kept, options(epochs), kEpochSteps))
        kept.push_back({progress.step, {}});
    }
    return all();
  }
  std::vector<std::uint64_t> train(int from, int epochs) { return train(from, epochs, epochs); }
  std::vector<std::uint64_t> all() const {
    std::vector<std::uint64_t> epochs;
    for (const SavedCheckpoint& one : kept) epochs.push_back(one.step / kEpochSteps);
    return epochs;
  }
};

TEST(KeptSamples, LieEvenlyBehindTheBurnInToTheLast) {
  EXPECT_THAT(Sampled{4}.train(0, 24), ElementsAre(9, 14, 19, 24));
  EXPECT_THAT(Sampled{4}.train(0, 14), ElementsAre(7, 9, 12, 14));
  EXPECT_THAT(Sampled{9}.train(0, 7), ElementsAre(5, 6, 7));
  EXPECT_THAT(Sampled{0}.train(0, 7), ElementsAre());
}

TEST(KeptSamples, OfABranchOrALateWishAreAsManyAsItsEpochsAllow) {
  EXPECT_THAT(Sampled{4}.train(12, 14), ElementsAre(13, 14));
  EXPECT_THAT(Sampled{4}.train(13, 14), ElementsAre(14));
  for (int most = 1; most <= 7; ++most) {
    for (int from = 0; from < 30; ++from) {
      const auto to_come = static_cast<std::size_t>(30 - std::max(from, 4));
      const auto kept = Sampled{most}.train(from, 30);
      EXPECT_GE(kept.size(), std::min(static_cast<std::size_t>(most), to_come)) << from;
      EXPECT_EQ(kept.back(), 30U);
      // No further from each other than those of a run that keeps from its beginning on.
      const auto widest = static_cast<std::uint64_t>((26 + most - 1) / most);
      for (std::size_t i = 1; i < kept.size(); ++i)
        EXPECT_LE(kept[i] - kept[i - 1], widest) << most << " from " << from;
    }
  }
}

TEST(KeptSamples, AreTheSameWhereTheRunWasStopped) {
  for (const int from : {0, 9, 17}) {
    const auto straight = Sampled{5}.train(from, 30);
    for (int stop = from + 1; stop < 30; ++stop) {
      Sampled stopped{5};
      stopped.train(from, stop, 30);
      EXPECT_EQ(stopped.train(stop, 30), straight) << from << ", stopped at " << stop;
    }
  }
}

TEST(KeptSamples, MakeUpForAnEpochThatWasUndone) {
  EXPECT_THAT((Sampled{4, {9, 14, 15}}.train(0, 24)), ElementsAre(10, 16, 19, 24));
  EXPECT_THAT((Sampled{4, {5}}.train(0, 9)), ElementsAre(6, 7, 8, 9));
}

TEST(KeptSamples, MoreEpochsKeepTheNewestToo) {
  Sampled run{4};
  EXPECT_THAT(run.train(0, 8), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(run.train(8, 14), ElementsAre(5, 6, 7, 8, 9, 12, 14));
}

TEST(KeptSamples, AreSaidToLackOnlyWhereTheyWill) {
  train::TrainProgress progress;
  const auto lack = [&](std::uint64_t epoch, std::uint64_t kept, int epochs) {
    progress.epoch = epoch;
    return lack_of_samples(progress, kept, Sampled{4}.options(epochs));
  };
  EXPECT_EQ(lack(0, 0, 14), "");
  EXPECT_EQ(lack(0, 0, 6), "") << "two are all that are drawn";
  EXPECT_EQ(lack(0, 0, 3), "") << "nothing is";
  EXPECT_EQ(lack(8, 0, 12), "");
  EXPECT_EQ(lack(12, 2, 14), "");
  EXPECT_THAT(lack(12, 0, 14), HasSubstr("--keep-samples 4 keeps models while they are drawn: 2 of "
                                         "4 can be kept, because 2 epochs are still sampled"));
  EXPECT_THAT(lack(14, 0, 14), HasSubstr("0 of 4 can be kept, because 0 epochs"));
}

class KeptSamplesOfARun : public testing::DistFixture {};

// By even slots from the burn-in on each would keep the last epoch's alone.
TEST_F(KeptSamplesOfARun, WhoBeginsLateKeepsAsManySamplesAsAreStillDrawn) {
  const auto kept = [&](const char* run) {
    std::vector<std::uint64_t> steps;
    for (const auto& sample : find_samples(folder_ / run, "basic")) steps.push_back(sample.step);
    return steps;
  };
  const Words two = testing::sampled(2);
  train("run", "basic", 6, two);
  Words branch = two;
  branch.insert(branch.end(), {"--resume", newest("run", "basic").string()});
  EXPECT_THAT(testing::run_dist({2, 1, arguments("branch", "basic", 8, branch)}),
              ::testing::Not(HasSubstr("can be kept")));
  EXPECT_THAT(kept("branch"), ElementsAre(35, 40));
  train("late", "basic", 6, Words(two.begin(), two.end() - 2));
  train("late", "basic", 8, two);
  EXPECT_THAT(kept("late"), ElementsAre(35, 40));
  Words other = two;
  other.insert(other.end() - 2, {"--allow-changes", "--keep", "9"});
  other[7] = "sgld:step=0.02,warm_up=1,burn_in=2";
  EXPECT_THAT(train("run", "basic", 8, other), HasSubstr("the mean of sampled models begins anew"));
  EXPECT_THAT(kept("run"), ElementsAre(35, 40));
  branch[branch.size() - 3] = "4";
  EXPECT_THAT(train("few", "basic", 7, branch), HasSubstr("1 of 4 can be kept"));
  EXPECT_THAT(kept("few"), ElementsAre(35));
}

}  // namespace
}  // namespace nnrec::run
