#include "nnrec/run/train_run.hpp"

#include <atomic>
#include <cerrno>
#include <map>
#include <sstream>
#include <thread>

#include "nnrec/app/dist_command.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"
#include "support/failing_rename.hpp"
#include "support/file_size_limit.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using testing::digests;
using testing::expect_error;
using testing::FileSizeLimit;
using ::testing::HasSubstr;
using testing::history_bits;
using ::testing::Not;
using testing::run_dist;

class TrainRun : public testing::DistFixture {};

TEST_F(TrainRun, PatienceEndsWhereValidationNoLongerImproves) {
  cut_validation();
  const Words more{"--learning-rate", "0.5", "--patience", "2"};
  EXPECT_THAT(train("run", "one_layer", 60, more),
              HasSubstr("2 epochs without a lower validation RMSE"));
  const auto last = train::read_checkpoint_head(newest("run", "one_layer")).progress;
  EXPECT_LT(last.epoch, 60U);
  EXPECT_EQ(last.step - last.best_step, 2 * 4U) << "4 steps an epoch";
  EXPECT_THAT(train("run", "one_layer", 60, more), HasSubstr("asks for no more that --patience"));
  const auto again = train::read_checkpoint_head(newest("run", "one_layer")).progress;
  EXPECT_EQ(again.epoch, last.epoch);
}

TEST_F(TrainRun, PatienceCountsEpochsWhateverTheBatch) {
  cut_validation();
  const Words more{"--learning-rate", "0.5", "--patience", "3"};
  train("run", "one_layer", 60, more);
  const auto ended = train::read_checkpoint_head(newest("run", "one_layer")).progress;
  EXPECT_EQ(ended.epoch - ended.patience_epoch, 3U);
  // With other batches it waits anew, and counts epochs of these.
  Words words = arguments("run", "one_layer", 60, more);
  words[5] = "256";
  words.push_back("--allow-changes");
  run_dist({1, 1, words});
  const auto later = train::read_checkpoint_head(newest("run", "one_layer")).progress;
  EXPECT_GE(later.epoch, ended.epoch + 3);
  EXPECT_EQ(later.epoch - later.patience_epoch, 3U);
}

TEST_F(TrainRun, PatienceWithoutAValidationPartIsRefused) {
  expect_error(ErrorKind::usage, HasSubstr("has no validation part"),
               [&] { train("run", "basic", 2, {"--patience=1"}); });
}

/// A rank whose sum over nodes number `sum` comes back with one other bit, as of memory that errs.
class ErringRank final : public comm::Communicator {
 public:
  ErringRank(comm::Communicator& ranks, int sum) : ranks_(ranks), sum_(sum) {}
  int rank() const noexcept override { return ranks_.rank(); }
  int size() const noexcept override { return ranks_.size(); }
  int node_rank() const noexcept override { return ranks_.node_rank(); }
  int node_size() const noexcept override { return ranks_.node_size(); }
  int node_count() const noexcept override { return ranks_.node_count(); }
  int node() const noexcept override { return ranks_.node(); }
  int node_first() const noexcept override { return ranks_.node_first(); }
  void barrier() override { ranks_.barrier(); }
  void sum(std::span<std::int64_t> values) override { ranks_.sum(values); }
  void maximum(std::span<std::int64_t> values) override {
    ranks_.maximum(values);
    sums_ = 0;  // agreements end with the start: what was summed up before is of the data
  }
  void broadcast(std::span<std::byte> bytes, int root) override { ranks_.broadcast(bytes, root); }
  std::vector<std::string> gather_all(const std::string& text) override {
    return ranks_.gather_all(text);
  }
  std::span<std::byte> node_array(std::size_t bytes) override { return ranks_.node_array(bytes); }
  void node_barrier() override { ranks_.node_barrier(); }
  void free_node_arrays(std::size_t keep) override { ranks_.free_node_arrays(keep); }
  std::size_t node_arrays() const noexcept override { return ranks_.node_arrays(); }
  void sum_over_nodes(std::span<std::int64_t> values) override {
    ranks_.sum_over_nodes(values);
    if (++sums_ == sum_) values[0] ^= std::int64_t{1} << 30;
  }
  void copy_to_nodes(std::span<std::byte> bytes) override { ranks_.copy_to_nodes(bytes); }
  void swap_between_nodes(const comm::NodeParts& outgoing,
                          const comm::NodeParts& incoming) override {
    ranks_.swap_between_nodes(outgoing, incoming);
  }

 private:
  comm::Communicator& ranks_;
  int sum_;
  int sums_ = 0;
};

// F06: the total of epochs is absolute.
TEST_F(TrainRun, AReachedTargetTrainsNothingAndALaterOneOnlyTheRest) {
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

TEST_F(TrainRun, AVariantAddedLaterStartsAtItsBeginning) {
  train("run", "basic", 2);
  const std::string both = train("run", "basic,one_layer", 2);
  EXPECT_THAT(both, HasSubstr("one_layer epoch 1/2"));
  EXPECT_EQ(digests(both), digests(train("straight", "basic,one_layer", 2)));
  EXPECT_EQ(history_bits(folder_ / "run"), history_bits(folder_ / "straight"));
}

TEST_F(TrainRun, ASignalOnOneRankSavesOnceAndTheRunGoesOn) {
  const StopSignals signals;
  std::thread sender([&] {
    while (find_checkpoints(folder_ / "run", "one_layer").empty()) std::this_thread::yield();
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

TEST_F(TrainRun, ASignalBeforeTheFirstStepTrainsNothing) {
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("before one_layer began"), [&] {
    run_dist({2, 1, arguments("run", "one_layer", 2)}, signals);
  });
  EXPECT_TRUE(saved_steps("run", "one_layer").empty());
  EXPECT_THAT(train("run", "one_layer", 2), HasSubstr("one_layer epoch 1/2"));
}

// Who asked to begin anew, or from the newest of the run's own checkpoints, would be refused.
TEST_F(TrainRun, WhoIsStoppedLearnsByWhichCommandItGoesOn) {
  train("run", "basic", 1);
  const std::string own = newest("run", "basic").string();
  struct Case {
    const char* run;
    std::string resume;
    const char* way;
  };
  for (const Case& one :
       {Case{"run", "auto", "run the same command"}, Case{"run", own, "and --resume auto to go on"},
        Case{"branch", own, "run the same command"},
        Case{"fresh", "never", "and --resume auto to go on"}}) {
    const StopSignals signals;
    raise(SIGTERM);
    expect_error(ErrorKind::interrupted, HasSubstr(one.way), [&] {
      run_dist({2, 1, arguments(one.run, "basic", 2, {"--resume", one.resume})}, signals);
    });
  }
}

TEST_F(TrainRun, AWarmStartWhoseCheckpointGoesBeforeItsTurnTakesThePresentOne) {
  train("from", "one_layer", 3, {"--keep", "2"});
  std::thread job([&] {
    while (find_checkpoints(folder_ / "run", "basic").empty()) std::this_thread::yield();
    fs::remove(newest("from", "one_layer"));
  });
  train("from", "basic", 3);
  const std::string printed =
      train("run", "basic,one_layer", 200, {"--warm-start", (folder_ / "from").string()});
  job.join();
  EXPECT_THAT(printed, AllOf(HasSubstr("one_layer-step-0000000015.h5"),
                             HasSubstr("one_layer-step-0000000010.h5"),
                             HasSubstr("one_layer epoch 200/200")));
}

// C07: no run ends with one of two models as the result.
TEST_F(TrainRun, AReplicaThatDiffersStopsAllRanksBeforeItIsSaved) {
  // A step sums twice: rows, then dense blocks.
  const auto expect_stopped = [&](const Words& words, int sum, const std::string& message) {
    const StopSignals signals;
    expect_error(ErrorKind::io, HasSubstr(message), [&] {
      const auto run = [&](comm::Communicator& ranks) {
        ErringRank erring(ranks, ranks.rank() == 1 ? sum : 0);
        Log log = Log::silent();
        app::dist_command(words, erring, signals, log);
      };
      test::run_ranks(3, run, 1);  // each a node with a model of its own
    });
  };
  const std::string named = " rank 1 holds other bits of parameters/";
  expect_stopped(
      arguments("saves", "one_layer", 3, {"--exchange", "reduce", "--checkpoint-every", "2steps"}),
      2 * 4, "after step 4" + named);
  EXPECT_EQ(saved_steps("saves", "one_layer"), (std::vector<std::uint64_t>{2}));
  expect_stopped(
      arguments("epochs", "one_layer", 3, {"--exchange", "reduce", "--checkpoint-every", "1h"}),
      2 * 3, "after step 5" + named);
  EXPECT_FALSE(fs::exists(folder_ / "epochs" / kResultFileName));
}

TEST_F(TrainRun, KeepsTheNewestAndTheBest) {
  cut_validation();
  train("run", "one_layer", 2);
  // A rate that is far too high from here on: no later epoch gets as good.
  train("run", "one_layer", 5, {"--learning-rate", "3", "--allow-changes", "--keep", "2"});
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  ASSERT_EQ(head.progress.best_step, 8U) << "the case needs a best that is not among the newest";
  EXPECT_EQ(saved_steps("run", "one_layer"), (std::vector<std::uint64_t>{8, 16, 20}));
}

// T26: who picks the best epoch by the test part reports too small an error.
TEST_F(TrainRun, WithoutAValidationPartTheErrorIsTheTestPartsAndNoBestIsChosen) {
  const std::string printed = train("run", "one_layer", 2);
  EXPECT_THAT(printed, HasSubstr("nnrec_prep --validation 0.1 makes a validation part"));
  EXPECT_THAT(printed, HasSubstr(", test RMSE "));
  EXPECT_THAT(printed, Not(HasSubstr("validation RMSE")));
  const auto rows = History(folder_ / "run").read();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].validation_rmse, std::nullopt);
  EXPECT_TRUE(rows[1].test_rmse.has_value());
  EXPECT_EQ(train::read_checkpoint_head(newest("run", "one_layer")).progress.best_step, 0U);
}

TEST_F(TrainRun, AModelThatIsWorseThanAMeanIsNamedAndABetterOneIsNot) {
  const std::string poor = train("poor", "basic", 1);
  EXPECT_THAT(poor, HasSubstr("without a model, on 80 test rows, RMSE "));
  EXPECT_THAT(poor, HasSubstr("80 of them warm (user and item are in training): RMSE "));
  EXPECT_THAT(poor, HasSubstr("basic: on 80 test rows RMSE "));
  EXPECT_THAT(poor, HasSubstr(" is worse than that of predicting the training mean, "));
  const std::string good = train("good", "fm", 60, {"--learning-rate", "0.3"});
  EXPECT_THAT(good, Not(HasSubstr(" is worse than that of ")));
}

TEST_F(TrainRun, TheTestPartJudgesTheLastAndTheBestModelThatValidationChose) {
  cut_validation();
  const std::string good = train("good", "one_layer", 2);
  EXPECT_THAT(good, HasSubstr("one_layer epoch 2/2: train RMSE "));
  train("run", "one_layer", 2);
  // A rate that is far too high from here on: the best stays the second epoch's.
  const std::string worse = run_dist(
      {3, 1, arguments("run", "one_layer", 4, {"--learning-rate", "3", "--allow-changes"})});
  const auto rows = History(folder_ / "run").read();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_TRUE(rows[3].validation_rmse.has_value());
  EXPECT_EQ(rows[3].test_rmse, std::nullopt) << "it may choose nothing, so it is not looked at";
  const double of_best = read_result(folder_ / "good")->variants.front().test->rmse;
  const double of_last = read_result(folder_ / "run")->variants.front().test->rmse;
  EXPECT_NE(of_best, of_last);
  EXPECT_THAT(worse, HasSubstr(fmt::format("\ntest RMSE one_layer {:.4f}", of_last)));
  EXPECT_THAT(worse, HasSubstr(fmt::format("\ntest RMSE of the best one_layer {:.4f}", of_best)));
}

TEST_F(TrainRun, ABestThatIsGoneIsSaidAndNotEvaluated) {
  cut_validation();
  train("run", "one_layer", 2);
  fs::remove(newest("run", "one_layer").parent_path() / "one_layer-step-0000000004.h5");
  const Words bad{"--learning-rate", "3", "--allow-changes"};
  train("run", "one_layer", 3, bad);
  fs::remove(folder_ / "run/checkpoints/one_layer-step-0000000008.h5");
  const std::string printed = train("run", "one_layer", 4, bad);
  EXPECT_THAT(printed, HasSubstr("one_layer: the best model, of step 8, is not evaluated"));
  EXPECT_THAT(printed, Not(HasSubstr("test RMSE of the best")));
}

TEST_F(TrainRun, ABranchWhoseBestLiesElsewhereKeepsNoMoreThanToldTo) {
  cut_validation();
  train("run", "one_layer", 2);
  const std::string branch = train("branch", "one_layer", 6,
                                   {"--resume", newest("run", "one_layer").string(), "--keep", "2",
                                    "--learning-rate", "3", "--allow-changes"});
  ASSERT_EQ(train::read_checkpoint_head(newest("branch", "one_layer")).progress.best_step, 8U)
      << "the case needs a best that lies in the other folder";
  EXPECT_EQ(saved_steps("branch", "one_layer"), (std::vector<std::uint64_t>{20, 24}));
  EXPECT_THAT(branch, HasSubstr("test RMSE of the best")) << "found in the other folder";
}

TEST_F(TrainRun, AFullDiskLeavesTheOldCheckpointAndTrainingGoesOnToItsLastSave) {
  const std::string straight = train("straight", "one_layer", 4);
  train("run", "one_layer", 1);
  const fs::path old = newest("run", "one_layer");
  const std::string before = testing::read_file(old);
  {
    const FileSizeLimit full(8192);
    const auto wanted = checkpoint_path(folder_ / "run", "one_layer", 20).string();
    expect_error(ErrorKind::io,
                 HasSubstr("the checkpoint of step 20 of one_layer is not saved: " + wanted), [&] {
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

TEST_F(TrainRun, AFullDiskStopsWhereToldTo) {
  const FileSizeLimit full(8192);
  expect_error(ErrorKind::io, HasSubstr("one_layer-step-0000000005.h5"), [&] {
    train("run", "one_layer", 4, {"--on-save-error", "stop"});
  });
}

TEST_F(TrainRun, AFolderThatIsRenamedUnderItsJobEndsItAndIsGoneOnFrom) {
  const Words more{"--learning-rate", "1e-6", "--checkpoint-every", "1epochs"};
  std::string refusal;
  std::atomic<bool> ends = false;
  std::thread job([&] {
    try {
      run_dist({2, 1, arguments("run", "one_layer", 100'000, more)});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
      refusal = error.what();
    }
    ends = true;
  });
  while (find_checkpoints(folder_ / "run", "one_layer").empty() && !ends) std::this_thread::yield();
  fs::rename(folder_ / "run", folder_ / "moved");
  job.join();
  EXPECT_THAT(refusal, HasSubstr("the folder was renamed while this job trained in it"));
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  // What was saved before is whole, and goes on.
  const auto saved = train::read_checkpoint_head(newest("moved", "one_layer")).progress;
  EXPECT_THAT(train("moved", "one_layer", static_cast<int>(saved.epoch) + 1, more),
              HasSubstr("goes on from"));
}

TEST_F(TrainRun, LeftoversOfAKilledSaveAreRemoved) {
  train("run", "basic", 1);
  const fs::path leftover =
      folder_ / "run" / "checkpoints" / ".basic-step-0000000010.h5.partial-123-0";
  testing::write_file(leftover, "half");
  train("run", "basic", 2);
  EXPECT_FALSE(fs::exists(leftover));
}

TEST_F(TrainRun, WhatIsThereAndCannotBeReadIsNotTakenForNothing) {
  train("run", "basic", 1);
  for (const char* name : {"result.json", "history.csv", "checkpoints"}) {
    const fs::path path = folder_ / "run" / name;
    const fs::path kept = folder_ / "kept";
    fs::rename(path, kept);
    fs::create_symlink(name, path);
    for (const Words& more : {Words{}, Words{"--resume", "never"}}) {
      expect_error(ErrorKind::io, HasSubstr((folder_ / "run").string()),
                   [&] { train("run", "basic", 2, more); });
    }
    EXPECT_TRUE(fs::is_symlink(path)) << name;
    fs::remove(path);
    fs::rename(kept, path);
  }
  EXPECT_THAT(train("run", "basic", 2), HasSubstr("goes on from"));
}

// An epoch of one batch whose loss is not finite is given up before a rating has an error.
TEST_F(TrainRun, AnEpochWithoutAnErrorIsARowLikeOthers) {
  const Words diverges{
      "--biases",  "yes",
      "--batch",   "1000",
      "--sampler", "sgld:step=0.34,ramp=1,dense_scale=1e-7,diverged=1e3,warm_up=2,burn_in=2"};
  const auto trained = [&](int epochs) {
    Words words{"--data",   (folder_ / "set").string(), "--run",     (folder_ / "run").string(),
                "--epochs", std::to_string(epochs),     "--variant", "one_layer"};
    words.insert(words.end(), diverges.begin(), diverges.end());
    testing::run_dist({1, 1, words});
    return History(folder_ / "run").read();
  };
  const auto rows = trained(12);
  const auto without = [](const HistoryRow& row) { return !row.train_rmse; };
  ASSERT_GT(std::ranges::count_if(rows, without), 0) << "no epoch was given up at once";
  EXPECT_THAT(testing::read_file(folder_ / "run/log.txt"), Not(HasSubstr("nan")));
  EXPECT_EQ(trained(14).size(), 14U) << "goes on from its own file";
}

TEST_F(TrainRun, SamplesOfAnotherSamplerStayUntilTheFirstSave) {
  const Words before = testing::sampled(4);
  train("run", "basic", 6, before);
  const auto bytes = [&] {
    std::map<fs::path, std::string> all;
    for (const auto& sample : find_samples(folder_ / "run", "basic"))
      all[sample.path] = testing::read_file(sample.path);
    return all;
  };
  const auto drawn = bytes();
  ASSERT_EQ(drawn.size(), 4U);
  Words other = before;
  for (std::string& word : other)
    if (word.starts_with("sgld:")) word = "sgld:step=0.04,warm_up=1,burn_in=2";
  other.push_back("--allow-changes");
  const auto without_a_save = [&] {
    Words stops = other;
    stops.insert(stops.end(), {"--on-save-error", "stop"});
    const testing::FileSizeLimit full(8192);
    expect_error(ErrorKind::io, HasSubstr("basic-step-0000000"),
                 [&] { train("run", "basic", 9, stops); });
  };
  without_a_save();
  EXPECT_EQ(bytes(), drawn);
  other.insert(other.end(), {"--checkpoint-every", "100epochs"});
  train("run", "basic", 9, other);
  EXPECT_THAT(saved_steps("run", "basic"), ::testing::Contains(35)) << "with the first sample";
  const auto steps = [&] {
    std::vector<std::uint64_t> all;
    for (const auto& sample : find_samples(folder_ / "run", "basic")) all.push_back(sample.step);
    return all;
  };
  EXPECT_THAT(steps(), ::testing::ElementsAre(35, 40, 45));
  // A job that was killed between its first save and setting them aside.
  for (const auto& [path, text] : drawn) {
    EXPECT_EQ(testing::read_file(path.string() + ".refused"), text);
    fs::rename(path.string() + ".refused", path);
  }
  train("run", "basic", 9, other);
  EXPECT_THAT(steps(), ::testing::ElementsAre(35, 40, 45));
}

// Who answers tells them from those of the new mean; the checkpoint is saved.
TEST_F(TrainRun, ASampleThatCannotBeSetAsideEndsNothing) {
  train("run", "basic", 6, testing::sampled(3));
  const auto sample = find_samples(folder_ / "run", "basic").front();
  Words other = testing::sampled(3);
  for (std::string& word : other)
    if (word.starts_with("sgld:")) word = "sgld:step=0.01,warm_up=1,burn_in=2";
  other.push_back("--allow-changes");
  {
    const testing::FailingRename failing(sample.path, EPERM);
    train("run", "basic", 9, other);
  }
  EXPECT_TRUE(fs::exists(sample.path));
  EXPECT_EQ(find_samples(folder_ / "run", "basic").size(), 4U);
  train("run", "basic", 10, other);
  EXPECT_FALSE(fs::exists(sample.path)) << "the next job tries again";
}

TEST_F(TrainRun, FewerVariantsLeaveTheOthersHistory) {
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

TEST_F(TrainRun, EveryRuleHasASay) {
  const auto digest = [&](const Words& words, const std::string& run) {
    return digests(train(run, "complex", 3, words));
  };
  const Words all_rules = testing::many_rules();
  const auto all = digest(all_rules, "all");
  for (std::size_t left_out = 0; left_out < all_rules.size(); left_out += 2) {
    Words words = all_rules;
    const auto at = words.begin() + static_cast<std::ptrdiff_t>(left_out);
    words.erase(at, at + 2);
    EXPECT_NE(digest(words, fmt::format("without-{}", left_out)), all) << all_rules[left_out];
  }
}

TEST_F(TrainRun, EveryBlockSaysItsGroup) {
  const std::string output =
      train("run", "one_layer,fm", 1, {"--group", "tables:rate=0.05", "--group", "*bias:l2=0.5"});
  EXPECT_THAT(output, HasSubstr("user 12 x 32: group tables:optimizer=adagrad"));
  EXPECT_THAT(output, HasSubstr("user_bias 12 x 1: group *bias:optimizer=adagrad"));
  EXPECT_THAT(output, HasSubstr("dense1.bias 1 x 64: group *bias:"));
  EXPECT_THAT(output, HasSubstr("dense1.weight 64 x 64: group *:"));
  EXPECT_THAT(train("plain", "one_layer", 1), Not(HasSubstr("group")));
}

TEST_F(TrainRun, FewerFeaturesThanAPresetHasGroupsForAreTaken) {
  train("tuned", "deep_fm", 1, {"--preset", "tuned", "--features", "words"});
  Words sampled{"--preset", "sampled", "--features", "words"};
  for (const auto& word : testing::sampled(0)) sampled.push_back(word);
  train("sampled", "deep_fm", 3, sampled);
  // What nobody's preset names is mistyped beside it, too.
  expect_error(ErrorKind::usage, HasSubstr("--group zip* holds none of the blocks"), [&] {
    train("more", "deep_fm", 1,
          {"--preset", "tuned", "--features", "words", "--group", "zip*:rate=1"});
  });
}

TEST_F(TrainRun, AGroupThatHoldsNothingIsRefused) {
  expect_error(
      ErrorKind::usage,
      HasSubstr("--group usr holds none of the blocks dense1.bias, dense1.weight"), [&] {
        train("run", "basic,one_layer", 1, {"--group", "user:l2=1", "--group", "usr:l2=1"});
      });
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  EXPECT_THAT(train("run", "basic,one_layer", 1, {"--group", "dense1.*:l2=1"}),
              HasSubstr("one_layer epoch 1/1"));
}

/// A warning: a sweep, or a file of options, gives them to all variants alike.
TEST_F(TrainRun, OptionsOfPartsThatNoVariantHasAreNamed) {
  struct Case {
    Words words;
    const char* without;
    const char* with;
    const char* part;
  };
  for (const auto& [words, without, with, part] :
       {Case{{"--hidden", "8,4"}, "basic,fm", "basic,one_layer", "hidden layers"},
        Case{{"--age-units", "3"}, "basic,one_layer", "one_layer,complex", "a layer of ages"},
        Case{{"--genre-units", "2"}, "enriched", "complex", "a layer of genres"},
        Case{{"--dropout", "0.3"}, "basic,fm", "fm,one_layer", "dense layers that it falls on"},
        Case{{"--dropout", "0,0,0.3"}, "one_layer", "complex", "dense layers that it falls on"},
        Case{{"--dot", "yes"}, "fm", "one_layer", "hidden layers"}}) {
    EXPECT_THAT(
        train("without", without, 1, words),
        AllOf(HasSubstr("warning: " + words[0] + " " + words[1] + " does nothing: none of "),
              HasSubstr(part)));
    EXPECT_THAT(train("with", with, 1, words), Not(HasSubstr("does nothing")));
    fs::remove_all(folder_ / "without");
    fs::remove_all(folder_ / "with");
  }
  EXPECT_THAT(
      train("more", "one_layer", 1, {"--dropout", "0.2,0.3,0.4,0.5"}),
      HasSubstr("warning: --dropout 0.2,0.3,0.4,0.5: only the first 2 rates fall on a dense "
                "layer of one_layer\n"));
  EXPECT_THAT(train("enough", "one_layer,complex", 1, {"--dropout", "0.2,0.3,0.4,0"}),
              Not(HasSubstr("fall on")));
  EXPECT_THAT(
      train("run", "basic", 1,
            {"--dropout", "0,0.0", "--dot", "no", "--age-units", "8", "--hidden", "published"}),
      Not(HasSubstr("does nothing")));
}

/// With what a run of several variants wrote down one of them goes on.
TEST_F(TrainRun, SavedOptionsGoOnWithFewerVariants) {
  train("run", "basic,one_layer", 1, {"--dropout", "0.2"});
  EXPECT_THAT(train("run", "basic", 2, {"--config", (folder_ / "run" / "options.cfg").string()}),
              HasSubstr("basic epoch 2/2"));
}

TEST_F(TrainRun, TheHistoryHasTheRateOfTheSchedule) {
  train("run", "basic", 3, {"--rate-schedule", "step:every=1,factor=0.5"});
  std::istringstream lines(testing::read_file(folder_ / "run" / "history.csv"));
  std::vector<std::string> rates;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    for (int column = 0; column < 7; ++column) std::getline(fields, line, ',');
    rates.push_back(line);
  }
  EXPECT_EQ(rates, (Words{"learning_rate", "0.1", "0.05", "0.025"}));
}

}  // namespace
}  // namespace nnrec::run
