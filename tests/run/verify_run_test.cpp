#include "nnrec/run/verify_run.hpp"

#include <chrono>
#include <cmath>
#include <future>

#include "nnrec/features/features.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::run_dist;

class VerifyRun : public testing::DistFixture {
 protected:
  /// Of one weight of the newest checkpoint, whose digests are right.
  void change_bit(const std::string& run, const std::string& variant) const {
    const fs::path last = newest(run, variant);
    const features::Features features(shards::ShardSet::open(folder_ / "set"));
    const auto network = models::find_variant(variant).build(features.table_rows(), {});
    const nn::UpdateRules rules(network.layout(), {});
    auto state = train::load_checkpoint(last, network.layout(), rules);
    float& weight = state.parameters.values(0)[3];
    weight = std::nextafter(weight, 1.0F);
    train::save_checkpoint(last, state, train::read_checkpoint_head(last).info,
                           train::read_row_names(last).view());
  }
};

TEST_F(VerifyRun, VerifyNamesOtherData) {
  train("run", "one_layer", 2);
  testing::make_tiny_set(folder_ / "others", 11, 13, 500);
  expect_error(ErrorKind::input, HasSubstr("data digest = "), [&] {
    run_dist(
        {1, 1, {"--verify", (folder_ / "run").string(), "--data", (folder_ / "others").string()}});
  });
}

TEST_F(VerifyRun, ASignalEndsAVerification) {
  train("run", "one_layer", 2);
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("saves nothing"), [&] {
    run_dist({2, 1, {"--verify", (folder_ / "run").string()}}, signals);
  });
}

TEST_F(VerifyRun, VerifyReplaysTheLastStretchOnOtherRanks) {
  train("run", "one_layer,complex", 2, {"--dropout", "0.2", "--checkpoint-every", "3steps"});
  const auto before = saved_steps("run", "complex");
  const Words verify{"--verify", (folder_ / "run").string()};
  const std::string output = run_dist({3, 2, verify});
  EXPECT_THAT(output, HasSubstr("one_layer: steps 9 to 10 replayed on 3 ranks x 2 threads: same"));
  EXPECT_THAT(output, HasSubstr("complex: steps 9 to 10 replayed"));
  EXPECT_EQ(saved_steps("run", "complex"), before);
}

TEST_F(VerifyRun, ABranchWithOneCheckpointIsReplayedFromWhereItBranched) {
  train("run", "one_layer", 2);
  const std::string origin = newest("run", "one_layer").string();
  train("branch", "one_layer", 3,
        {"--resume", origin, "--learning-rate", "0.01", "--allow-changes"});
  EXPECT_EQ(saved_steps("branch", "one_layer"), std::vector<std::uint64_t>{15});
  EXPECT_THAT(verify("branch"), HasSubstr("one_layer: steps 10 to 15 replayed"));
  fs::remove(origin);
  expect_error(ErrorKind::input,
               AllOf(HasSubstr(origin + ": is not there any more"), HasSubstr("removed (--keep)")),
               [&] { verify("branch"); });
}

TEST_F(VerifyRun, ABranchWhoseOriginIsAnotherRunByNowIsNotTheHardwaresFault) {
  train("run", "one_layer", 2);
  const std::string origin = newest("run", "one_layer").string();
  train("branch", "one_layer", 3, {"--resume", origin});
  fs::remove_all(folder_ / "run");
  train("run", "one_layer", 2, {"--seed", "99"});
  expect_error(ErrorKind::input,
               AllOf(HasSubstr(origin + ": is of another run than the one that the run in "),
                     HasSubstr("train on with --keep 2 or more")),
               [&] { verify("branch"); });
  fs::remove_all(folder_ / "run");
  run_dist({3, 1, arguments("run", "one_layer", 2)});
  EXPECT_THAT(verify("branch"), HasSubstr("same bits")) << "the same model lies there again";
}

TEST_F(VerifyRun, ARunThatIsBeingTrainedIsVerifiedUpToWhatIsThere) {
  const Words saves{"--checkpoint-every", "1steps", "--keep", "2"};
  train("run", "basic", 1, saves);
  const StopSignals signals;
  auto training = std::async(std::launch::async, [&] {
    return run_dist({1, 1, arguments("run", "basic", 60, saves)}, signals);
  });
  const auto has_ended = [&] {
    return training.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  do {
    EXPECT_THAT(run_dist({1, 1, {"--verify", (folder_ / "run").string()}}, signals),
                HasSubstr("same bits"));
  } while (!has_ended());
  EXPECT_THAT(training.get(), HasSubstr("basic epoch 60/60"));
}

TEST_F(VerifyRun, AChangeWhoseBeginningIsNotKeptIsNamedAndNotTheHardware) {
  train("run", "one_layer", 2);
  const Words change{"--learning-rate", "0.01", "--allow-changes", "--keep", "1"};
  train("run", "one_layer", 4, change);
  EXPECT_EQ(saved_steps("run", "one_layer"), std::vector<std::uint64_t>{20});
  expect_error(ErrorKind::input,
               HasSubstr("options, data or build were changed at step 10, and of"),
               [&] { verify("run"); });
  train("run", "one_layer", 6, {"--learning-rate", "0.01", "--allow-changes", "--keep", "2"});
  EXPECT_THAT(verify("run"), HasSubstr("one_layer: steps 25 to 30 replayed"));
}

TEST_F(VerifyRun, AVariantWithNothingToReplayLeavesTheOthersToBeVerified) {
  train("before", "basic", 1);
  train("run", "basic", 1, {"--warm-start", (folder_ / "before").string()});
  train("run", "one_layer", 2);
  const auto verify_variants = [&](const std::string& variants) {
    return run_dist({3, 1, {"--verify", (folder_ / "run").string(), "--variant", variants}});
  };
  const char* of_basic = "began with the weights of another run";
  EXPECT_THAT(verify_variants("fm,basic,one_layer"),
              AllOf(HasSubstr("warning: fm is not verified: no checkpoint is there to be replayed"),
                    HasSubstr("warning: basic is not verified: " + newest("run", "basic").string()),
                    HasSubstr(of_basic), HasSubstr("one_layer: steps 5 to 10 replayed")));
  expect_error(ErrorKind::input, AllOf(HasSubstr("nothing is replayed"), HasSubstr(of_basic)),
               [&] { verify_variants("basic,fm"); });
}

TEST_F(VerifyRun, AVariantThatDiffersLeavesTheOthersToBeVerified) {
  train("run", "basic,one_layer", 2);
  change_bit("run", "basic");
  std::string printed;
  expect_error(ErrorKind::input, HasSubstr("basic: steps 5 to 10 replayed give other bits"), [&] {
    run_dist({2, 1, {"--verify", (folder_ / "run").string()}}, printed);
  });
  EXPECT_THAT(printed, HasSubstr("one_layer: steps 5 to 10 replayed on 2 ranks"));
}

TEST_F(VerifyRun, AVariantThatIsLeftOutOnPurposeIsNotMissed) {
  train("run", "basic,one_layer", 2);
  const Words one{"--verify", (folder_ / "run").string(), "--variant", "basic"};
  EXPECT_THAT(run_dist({1, 1, one}),
              AllOf(HasSubstr("basic: steps 5 to 10 replayed"), Not(HasSubstr("one_layer"))));
}

TEST_F(VerifyRun, ADamagedNewestCheckpointIsNoSuccess) {
  train("run", "one_layer", 3);
  const fs::path last = newest("run", "one_layer");
  testing::flip_byte(last, 300);
  expect_error(ErrorKind::input,
               HasSubstr(last.string() + ": the run's newest checkpoint was refused"),
               [&] { verify("run"); });
  fs::remove(last);
  EXPECT_THAT(verify("run"), HasSubstr("one_layer: steps 5 to 10 replayed"));
}

// Which columns are read, and whether times are, follows what the options name.
TEST_F(VerifyRun, AVariantThatTheRunsOptionsDoNotNameIsLeftAsideUntilItIsNamed) {
  train("run", "enriched", 2);
  train("run", "basic", 2);
  EXPECT_THAT(verify("run"), AllOf(HasSubstr("basic: steps 5 to 10 replayed"),
                                   HasSubstr("warning: enriched is not verified"),
                                   HasSubstr("--variant enriched")));
  const Words named{"--verify", (folder_ / "run").string(), "--variant", "enriched"};
  EXPECT_THAT(run_dist({2, 1, named}), HasSubstr("enriched: steps 5 to 10 replayed"));
}

TEST_F(VerifyRun, AWarmStartWhoseBeginningIsNotKeptIsNamedAndNotTheHardware) {
  train("before", "one_layer", 1);
  const Words warm{"--warm-start", (folder_ / "before").string()};
  train("run", "one_layer", 1, warm);
  expect_error(ErrorKind::input,
               AllOf(HasSubstr(newest("run", "one_layer").string()),
                     HasSubstr("began with the weights of another run")),
               [&] { verify("run"); });
  train("run", "one_layer", 2, warm);
  EXPECT_THAT(verify("run"), HasSubstr("one_layer: steps 5 to 10 replayed"));
}

TEST_F(VerifyRun, AnotherBuildIsSaidAndMayGiveTheSameBits) {
  train("run", "one_layer", 2);
  change_build("run", "one_layer", "compiler");
  EXPECT_THAT(verify("run"), AllOf(HasSubstr("saved by another build, which may give other bits "),
                                   HasSubstr("(build: compiler = "), HasSubstr("same bits")));
}

TEST_F(VerifyRun, VerifyFindsOneOtherBit) {
  train("run", "one_layer", 2);
  change_bit("run", "one_layer");
  expect_error(ErrorKind::input, HasSubstr("steps 5 to 10 replayed give other bits"), [&] {
    run_dist({2, 1, {"--verify", (folder_ / "run").string()}});
  });
}

}  // namespace
}  // namespace nnrec::run
