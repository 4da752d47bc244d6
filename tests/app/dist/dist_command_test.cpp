#include "nnrec/app/dist_command.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "nnrec/features/features.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/run_folder.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_runs.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::app {
namespace {
namespace fs = std::filesystem;

using testing::digests;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::history_bits;
using ::testing::Not;
using testing::run_dist;

using Words = std::vector<std::string>;

/// 320 training ratings in batches of 64: an epoch has 5 steps.
class DistCommand : public ::testing::Test {
 protected:
  DistCommand() { testing::make_tiny_set(folder_ / "set", 11, 13, 400); }

  /// `run`: a name; `more`: further options, which may repeat none of these.
  Words arguments(const std::string& run, const std::string& variant, int epochs,
                  const Words& more = {}) const {
    Words words{"--data",    (folder_ / "set").string(),
                "--run",     (folder_ / run).string(),
                "--batch",   "64",
                "--epochs",  std::to_string(epochs),
                "--variant", variant};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string train(const std::string& run, const std::string& variant, int epochs,
                    const Words& more = {}) const {
    return run_dist({1, 1, arguments(run, variant, epochs, more)});
  }
  std::vector<std::uint64_t> saved_steps(const std::string& run, const std::string& variant) const {
    std::vector<std::uint64_t> steps;
    for (const auto& saved : run::find_checkpoints(folder_ / run, variant))
      steps.push_back(saved.step);
    return steps;
  }
  fs::path newest(const std::string& run, const std::string& variant) const {
    return run::find_checkpoints(folder_ / run, variant).back().path;
  }

  testing::TemporaryFolder folder_;
};

class DistCommandWith : public DistCommand, public ::testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(EveryOptimizer, DistCommandWith,
                         ::testing::ValuesIn(nn::optimizer_names()),
                         [](const auto& test) { return test.param; });

// F01 and F02 of the published faults: moments, step count, order and dropout after a resume. Every
// step of three epochs is resumed, in the middle of an epoch too, on other ranks and threads.
TEST_P(DistCommandWith, ResumedAtAnyStepEndsWithTheBitsOfAStraightRun) {
  const Words more{"--optimizer", GetParam(),           "--learning-rate", "0.005",  "--dropout",
                   "0.3",         "--checkpoint-every", "1steps",          "--keep", "1000"};
  const std::string straight = train("straight", "complex", 3, more);
  const auto saved = run::find_checkpoints(folder_ / "straight", "complex");
  ASSERT_EQ(saved.size(), 15U);
  constexpr std::array kRanks{1, 2, 3, 4, 8};
  for (std::size_t stop = 0; stop + 1 < saved.size(); ++stop) {
    const std::string run = fmt::format("stopped-{}", saved[stop].step);
    fs::copy(folder_ / "straight", folder_ / run, fs::copy_options::recursive);
    for (std::size_t later = stop + 1; later < saved.size(); ++later) {
      fs::remove(folder_ / run / "checkpoints" / saved[later].path.filename());
    }
    const int ranks = kRanks.at(stop % kRanks.size());
    const std::string resumed =
        run_dist({ranks, 1 + static_cast<int>(stop % 3), arguments(run, "complex", 3, more)});
    EXPECT_THAT(resumed, HasSubstr(fmt::format("step {}", saved[stop].step)));
    EXPECT_EQ(digests(resumed), digests(straight)) << run;
    EXPECT_EQ(history_bits(folder_ / run), history_bits(folder_ / "straight")) << run;
  }
}

TEST_F(DistCommand, ResumesInTheMiddleOfAWindowUnderAnotherMemoryLimit) {
  const Words more{"--checkpoint-every", "1steps", "--keep", "1000"};
  const std::string straight = train("straight", "one_layer", 2, more);
  for (const std::uint64_t stop : {1U, 3U, 7U}) {
    const std::string run = fmt::format("stopped-{}", stop);
    fs::copy(folder_ / "straight", folder_ / run, fs::copy_options::recursive);
    for (const auto& saved : run::find_checkpoints(folder_ / run, "one_layer")) {
      if (saved.step > stop) fs::remove(saved.path);
    }
    Words limited = more;
    limited.insert(limited.end(), {"--memory-limit", "9.5kB"});
    const std::string resumed = run_dist({2, 1, arguments(run, "one_layer", 2, limited)});
    EXPECT_THAT(resumed, HasSubstr("of 320 train ratings at a time"));
    EXPECT_THAT(resumed, Not(HasSubstr(" 320 of 320 train")));
    EXPECT_EQ(digests(resumed), digests(straight)) << run;
  }
}

// F06: the total of epochs is absolute.
TEST_F(DistCommand, AReachedTargetTrainsNothingAndALaterOneOnlyTheRest) {
  const std::string first = train("run", "basic,one_layer", 4);
  const std::string before = testing::read_file(newest("run", "basic"));
  const std::string again = train("run", "basic,one_layer", 4);
  EXPECT_THAT(again, HasSubstr("basic: 4 epochs are done already"));
  EXPECT_THAT(again, Not(HasSubstr("epoch 4/4")));
  EXPECT_EQ(digests(again), digests(first));
  EXPECT_EQ(testing::read_file(newest("run", "basic")), before);

  const std::string more = train("run", "basic,one_layer", 5);
  EXPECT_THAT(more, HasSubstr("basic epoch 5/5"));
  EXPECT_THAT(more, Not(HasSubstr("epoch 4/5")));
  EXPECT_EQ(digests(more), digests(train("straight", "basic,one_layer", 5)));
  EXPECT_EQ(train("run", "one_layer", 3).find("epoch 3/3"), std::string::npos);
}

TEST_F(DistCommand, AVariantAddedLaterStartsAtItsBeginning) {
  train("run", "basic", 2);
  const std::string both = train("run", "basic,one_layer", 2);
  EXPECT_THAT(both, HasSubstr("one_layer epoch 1/2"));
  EXPECT_EQ(digests(both), digests(train("straight", "basic,one_layer", 2)));
  EXPECT_EQ(history_bits(folder_ / "run"), history_bits(folder_ / "straight"));
}

TEST_F(DistCommand, ASignalOnOneRankSavesOnceAndTheRunGoesOn) {
  const StopSignals signals;
  std::thread sender([&] {
    while (run::find_checkpoints(folder_ / "run", "one_layer").empty()) std::this_thread::yield();
    raise(SIGUSR1);
  });
  expect_error(ErrorKind::interrupted, HasSubstr("one_layer is saved at step"), [&] {
    run_dist({4, 1, arguments("run", "one_layer", 1000000)}, signals);
  });
  sender.join();
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  const int epochs = static_cast<int>(head.progress.epoch) + 2;
  const std::string resumed = run_dist({3, 2, arguments("run", "one_layer", epochs)});
  EXPECT_EQ(digests(resumed), digests(train("straight", "one_layer", epochs)));
  EXPECT_EQ(history_bits(folder_ / "run"), history_bits(folder_ / "straight"));
}

TEST_F(DistCommand, ASignalBeforeTheFirstStepTrainsNothing) {
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("before one_layer began"), [&] {
    run_dist({2, 1, arguments("run", "one_layer", 2)}, signals);
  });
  EXPECT_TRUE(saved_steps("run", "one_layer").empty());
  EXPECT_THAT(train("run", "one_layer", 2), HasSubstr("one_layer epoch 1/2"));
}

TEST_F(DistCommand, KeepsTheNewestAndTheBest) {
  train("run", "one_layer", 2);
  // A rate that is far too high from here on: no later epoch gets as good.
  train("run", "one_layer", 5, {"--learning-rate", "3", "--allow-changes", "--keep", "2"});
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  ASSERT_EQ(head.progress.best_step, 10U) << "the case needs a best that is not among the newest";
  EXPECT_EQ(saved_steps("run", "one_layer"), (std::vector<std::uint64_t>{10, 20, 25}));
}

TEST_F(DistCommand, ADamagedCheckpointIsNamedAndTheOneBeforeIsTaken) {
  const std::string straight = train("run", "one_layer", 3);
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, fs::file_size(damaged) / 2);
  const std::string resumed = train("run", "one_layer", 3);
  EXPECT_THAT(resumed, HasSubstr("checkpoint refused: " + damaged.string()));
  EXPECT_THAT(resumed, HasSubstr("goes on from"));
  EXPECT_THAT(resumed, HasSubstr("step 10"));
  EXPECT_EQ(digests(resumed), digests(straight));
}

TEST_F(DistCommand, WithNoValidCheckpointNothingIsStartedAnew) {
  train("run", "one_layer", 2);
  for (const auto& saved : run::find_checkpoints(folder_ / "run", "one_layer")) {
    testing::flip_byte(saved.path, 100);
  }
  const std::string history = testing::read_file(folder_ / "run" / "history.csv");
  expect_error(ErrorKind::input, HasSubstr("no checkpoint of one_layer is valid"),
               [&] { train("run", "one_layer", 2); });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "history.csv"), history);
}

TEST_F(DistCommand, ADamagedPathOffersTheNewestValidOne) {
  train("run", "one_layer", 3);
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, 200);
  expect_error(ErrorKind::input,
               ::testing::AllOf(HasSubstr(damaged.string()), HasSubstr("step-0000000010.h5")), [&] {
                 train("run", "one_layer", 3, {"--resume", damaged.string()});
               });
}

TEST_F(DistCommand, APathBranchesIntoAnotherFolder) {
  const std::string straight = train("run", "one_layer", 3);
  const Words from{"--resume",
                   run::find_checkpoints(folder_ / "run", "one_layer")[0].path.string()};
  EXPECT_EQ(digests(train("branch", "one_layer", 3, from)), digests(straight));
  // The same command goes on with the branch, even when the checkpoint it came from is gone.
  EXPECT_EQ(digests(train("branch", "one_layer", 3, from)), digests(straight));
  expect_error(ErrorKind::usage, HasSubstr("would be mixed"),
               [&] { train("run", "one_layer", 3, from); });
  expect_error(ErrorKind::usage, HasSubstr("is of variant one_layer"),
               [&] { train("other", "basic", 3, from); });
}

TEST_F(DistCommand, ChangedOptionsAreRefusedOrRecorded) {
  train("run", "one_layer", 1);
  const Words changed{"--learning-rate", "0.05"};
  const auto learning_rate = HasSubstr("learning-rate = 0.05, was 0.1");
  expect_error(ErrorKind::usage, learning_rate, [&] { train("run", "one_layer", 2, changed); });
  const Words allowed{"--learning-rate", "0.05", "--allow-changes"};
  EXPECT_THAT(train("run", "one_layer", 2, allowed), learning_rate);
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  EXPECT_EQ(head.info.changes, "step 5: learning-rate = 0.05, was 0.1\n");
  EXPECT_THAT(head.info.options, HasSubstr("learning-rate = 0.05"));
  // From here on the new value is the one to keep.
  EXPECT_THAT(train("run", "one_layer", 3, changed), HasSubstr("epoch 3/3"));
}

TEST_F(DistCommand, OtherDataIsAChange) {
  train("run", "one_layer", 1);
  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 500);
  expect_error(ErrorKind::usage, HasSubstr("data digest = "),
               [&] { train("run", "one_layer", 2); });
}

TEST_F(DistCommand, ResumeNeverRefusesAFolderWithARun) {
  train("run", "basic", 1, {"--resume", "never"});
  expect_error(ErrorKind::usage, HasSubstr("holds another run"), [&] {
    train("run", "basic", 1, {"--resume", "never"});
  });
}

TEST_F(DistCommand, ASecondJobInTheFolderStops) {
  train("run", "basic", 1);
  const io::FolderLock other(folder_ / "run", 0);
  expect_error(ErrorKind::usage, HasSubstr("is in use by process"), [&] {
    run_dist({2, 1, arguments("run", "basic", 2)});
  });
}

/// Files of this process cannot grow past `bytes`: what a full disk does, for root too.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(DistCommand, AFullDiskLeavesTheOldCheckpointAndTrainingGoesOnToItsLastSave) {
  const std::string straight = train("straight", "one_layer", 4);
  train("run", "one_layer", 1);
  const fs::path old = newest("run", "one_layer");
  const std::string before = testing::read_file(old);
  {
    const FileSizeLimit full(8192);
    expect_error(ErrorKind::io, HasSubstr("one_layer-step-0000000020.h5"), [&] {
      run_dist({2, 1, arguments("run", "one_layer", 4)});
    });
    EXPECT_EQ(history_bits(folder_ / "run"), history_bits(folder_ / "straight"));
  }
  EXPECT_EQ(testing::read_file(old), before);
  EXPECT_EQ(saved_steps("run", "one_layer"), std::vector<std::uint64_t>{5});
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "run")) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr(".partial"))) << "a leftover";
  }
  const std::string resumed = train("run", "one_layer", 4);
  EXPECT_EQ(digests(resumed), digests(straight));
}

TEST_F(DistCommand, AFullDiskStopsWhereToldTo) {
  const FileSizeLimit full(8192);
  expect_error(ErrorKind::io, HasSubstr("one_layer-step-0000000005.h5"), [&] {
    train("run", "one_layer", 4, {"--on-save-error", "stop"});
  });
}

TEST_F(DistCommand, LeftoversOfAKilledSaveAreRemoved) {
  train("run", "basic", 1);
  const fs::path leftover =
      folder_ / "run" / "checkpoints" / ".basic-step-0000000010.h5.partial-123-0";
  testing::write_file(leftover, "half");
  train("run", "basic", 2);
  EXPECT_FALSE(fs::exists(leftover));
}

TEST_F(DistCommand, ASaveNextToARefusedLaterOneStays) {
  train("run", "one_layer", 4, {"--keep", "1000"});
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, 300);
  fs::remove(run::find_checkpoints(folder_ / "run", "one_layer")[2].path);  // go on from step 10
  const StopSignals signals;
  const std::string resumed = run_dist(
      {2, 1, arguments("run", "one_layer", 3, {"--keep", "1", "--checkpoint-every", "1steps"})},
      signals);
  EXPECT_THAT(resumed, HasSubstr("step 10"));
  EXPECT_EQ(saved_steps("run", "one_layer").back(), 15U);
  EXPECT_TRUE(fs::exists(damaged.string() + ".refused"));
}

TEST_F(DistCommand, FewerVariantsLeaveTheOthersHistory) {
  train("run", "basic,one_layer", 2);
  train("run", "one_layer", 3);
  train("run", "basic,one_layer", 3);
  train("straight", "basic,one_layer", 3);
  const auto sorted = [&](const std::string& run) {
    std::istringstream text(history_bits(folder_ / run));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::ranges::sort(lines);
    return lines;
  };
  EXPECT_EQ(sorted("run"), sorted("straight"));
}

TEST_F(DistCommand, AChangeThatCannotWorkLeavesTheRunAsItIs) {
  train("run", "one_layer", 1);
  const std::string options = testing::read_file(folder_ / "run" / "options.cfg");
  expect_error(ErrorKind::input, HasSubstr("state/mean/"), [&] {
    train("run", "one_layer", 2, {"--optimizer", "adam", "--allow-changes"});
  });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), options);
  EXPECT_THAT(run_dist({1, 1, {"--verify", (folder_ / "run").string()}}), HasSubstr("same bits"));
}

TEST_F(DistCommand, WhereCheckpointsAreGoneNothingIsStartedAnew) {
  train("run", "one_layer", 2);
  fs::remove_all(folder_ / "run" / "checkpoints");
  expect_error(ErrorKind::input, HasSubstr("the folder of checkpoints is gone"),
               [&] { train("run", "one_layer", 2); });
  expect_error(ErrorKind::input, HasSubstr("no checkpoint is there to be replayed"), [&] {
    run_dist({1, 1, {"--verify", (folder_ / "run").string()}});
  });
}

TEST_F(DistCommand, AnotherRunsCheckpointIsNotMixedIn) {
  train("run", "one_layer", 2);
  train("other", "one_layer", 1, {"--seed", "9"});
  const Words from{"--resume", newest("run", "one_layer").string()};
  expect_error(ErrorKind::usage, HasSubstr("would be mixed with those of another run"),
               [&] { train("other", "one_layer", 3, from); });
}

TEST_F(DistCommand, ALostHistoryIsSaid) {
  const std::string straight = train("run", "one_layer", 2);
  fs::remove(folder_ / "run" / "history.csv");
  EXPECT_THAT(train("run", "one_layer", 3), HasSubstr("has 0 of the 2 epochs"));
  testing::write_file(folder_ / "run" / "history.csv", "something else\n");
  expect_error(ErrorKind::input, HasSubstr("history.csv:1:1: header"),
               [&] { train("run", "one_layer", 4); });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "history.csv"), "something else\n");
}

TEST_F(DistCommand, WarningsOfAResumeAreInTheLogFile) {
  train("run", "one_layer", 2);
  testing::flip_byte(newest("run", "one_layer"), 300);
  train("run", "one_layer", 2, {"--learning-rate", "0.05", "--allow-changes"});
  const std::string log = testing::read_file(folder_ / "run" / "log.txt");
  EXPECT_THAT(log, HasSubstr("checkpoint refused"));
  EXPECT_THAT(log, HasSubstr("learning-rate = 0.05, was 0.1"));
}

TEST_F(DistCommand, ARefusedCommandLeavesNoNewFolder) {
  expect_error(ErrorKind::input, HasSubstr("nowhere.h5"), [&] {
    train("fresh", "one_layer", 1, {"--resume", (folder_ / "nowhere.h5").string()});
  });
  EXPECT_FALSE(fs::exists(folder_ / "fresh"));
}

TEST_F(DistCommand, DropoutIsNoChangeForAVariantWithoutIt) {
  train("run", "basic", 1);
  EXPECT_THAT(train("run", "basic", 2, {"--dropout", "0.3"}), HasSubstr("epoch 2/2"));
}

TEST_F(DistCommand, VerifySaysWhatIsNotARun) {
  expect_error(ErrorKind::usage, HasSubstr("is not the folder of a run"), [&] {
    run_dist({1, 1, {"--verify", (folder_ / "set").string()}});
  });
}

TEST_F(DistCommand, VerifyNamesOtherData) {
  train("run", "one_layer", 2);
  testing::make_tiny_set(folder_ / "others", 11, 13, 500);
  expect_error(ErrorKind::input, HasSubstr("data digest = "), [&] {
    run_dist(
        {1, 1, {"--verify", (folder_ / "run").string(), "--data", (folder_ / "others").string()}});
  });
}

TEST_F(DistCommand, ASignalEndsAVerification) {
  train("run", "one_layer", 2);
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("saves nothing"), [&] {
    run_dist({2, 1, {"--verify", (folder_ / "run").string()}}, signals);
  });
}

TEST_F(DistCommand, VerifyReplaysTheLastStretchOnOtherRanks) {
  train("run", "one_layer,complex", 2, {"--dropout", "0.2", "--checkpoint-every", "3steps"});
  const auto before = saved_steps("run", "complex");
  const Words verify{"--verify", (folder_ / "run").string()};
  const std::string output = run_dist({3, 2, verify});
  EXPECT_THAT(output, HasSubstr("one_layer: steps 9 to 10 replayed on 3 ranks x 2 threads: same"));
  EXPECT_THAT(output, HasSubstr("complex: steps 9 to 10 replayed"));
  EXPECT_EQ(saved_steps("run", "complex"), before);
}

TEST_F(DistCommand, VerifyFindsOneOtherBit) {
  train("run", "one_layer", 2);
  const fs::path last = newest("run", "one_layer");
  const features::Features features(shards::ShardSet::open(folder_ / "set"));
  const auto network = models::find_variant("one_layer").build(features.table_rows(), {});
  const nn::UpdateRules rules(network.layout(), {});
  auto state = train::load_checkpoint(last, network.layout(), rules);
  float& weight = state.parameters.values(0)[3];
  weight = std::nextafter(weight, 1.0F);
  train::save_checkpoint(last, state, train::read_checkpoint_head(last).info);
  expect_error(ErrorKind::input, HasSubstr("steps 5 to 10 replayed give other bits"), [&] {
    run_dist({2, 1, {"--verify", (folder_ / "run").string()}});
  });
}

}  // namespace
}  // namespace nnrec::app
