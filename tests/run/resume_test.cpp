#include "run/resume.hpp"

#include <array>
#include <map>

#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using testing::digests;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::history_bits;
using ::testing::Not;
using testing::run_dist;

class Resume : public testing::DistFixture {
 protected:
  void expect_resumes_at_every_step(Words more, std::size_t steps,
                                    const std::string& variant = "complex") const;
};

class ResumeWith : public Resume, public ::testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(EveryOptimizer, ResumeWith, ::testing::ValuesIn(nn::optimizer_names()),
                         [](const auto& test) { return test.param; });

// F01 and F02 of the published faults: moments, step count, order and dropout after a resume. Every
// step of three epochs is resumed, in the middle of an epoch too, on other ranks and threads.
void Resume::expect_resumes_at_every_step(Words more, std::size_t steps,
                                          const std::string& variant) const {
  more.insert(more.end(), {"--checkpoint-every", "1steps", "--keep", "1000"});
  const std::string straight = train("straight", variant, 3, more);
  const auto saved = find_checkpoints(folder_ / "straight", variant);
  ASSERT_EQ(saved.size(), steps);
  constexpr std::array kRanks{1, 2, 3, 4, 8};
  for (std::size_t stop = 0; stop + 1 < saved.size(); ++stop) {
    const std::string run = fmt::format("stopped-{}", saved[stop].step);
    fs::copy(folder_ / "straight", folder_ / run, fs::copy_options::recursive);
    for (std::size_t later = stop + 1; later < saved.size(); ++later) {
      fs::remove(folder_ / run / "checkpoints" / saved[later].path.filename());
    }
    const int ranks = kRanks.at(stop % kRanks.size());
    const std::string resumed =
        run_dist({ranks, 1 + static_cast<int>(stop % 3), arguments(run, variant, 3, more)});
    EXPECT_THAT(resumed, HasSubstr(fmt::format("step {}", saved[stop].step)));
    EXPECT_EQ(digests(resumed), digests(straight)) << run;
    EXPECT_EQ(history_bits(folder_ / run), history_bits(folder_ / "straight")) << run;
  }
  const std::string verified = run_dist({2, 2, {"--verify", (folder_ / "straight").string()}});
  EXPECT_THAT(verified, HasSubstr(fmt::format("steps {} to {} replayed", steps - 1, steps)));
}

TEST_P(ResumeWith, ResumedAtAnyStepEndsWithTheBitsOfAStraightRun) {
  expect_resumes_at_every_step(
      {"--optimizer", GetParam(), "--learning-rate", "0.005", "--dropout", "0.3"}, 15);
}

TEST_F(Resume, ResumedWithManyRulesEndsWithTheBitsOfAStraightRun) {
  Words rules = testing::many_rules();
  rules.insert(rules.end(), {"--dropout", "0.3"});
  expect_resumes_at_every_step(rules, 6);
}

TEST_F(Resume, ATunedRunResumedAtAnyStepEndsWithTheBitsOfAStraightRun) {
  expect_resumes_at_every_step({"--preset", "tuned", "--dropout", "0.3"}, 15, "one_layer");
}

// The precisions, the curvature, the snapshot and the sums of predictions have to come back.
TEST_F(Resume, ASampledRunResumedAtAnyStepEndsWithTheBitsOfAStraightRun) {
  cut_validation();
  expect_resumes_at_every_step(
      {"--optimizer", "adam", "--learning-rate", "0.01", "--hidden", "8,8", "--sampler",
       "sgld:step=0.05,warm_up=1,burn_in=1,resample_from=2,"
       "snapshot_every=2,dense_precision=30"},
      12);
}

// Cuts and their moments too, which are learnt on while models are sampled.
TEST_F(Resume, AnOrdinalSampledRunResumedAtAnyStepEndsWithTheBitsOfAStraightRun) {
  cut_validation();
  expect_resumes_at_every_step(
      {"--optimizer", "adam", "--learning-rate", "0.01", "--likelihood", "ordinal", "--sampler",
       "sgld:step=0.05,warm_up=1,burn_in=1,resample_from=2,snapshot_every=2"},
      12, "basic");
}

TEST_F(Resume, KeptSamplesAreThoseOfAStraightRunAndEvenlySpread) {
  Words more = testing::sampled(2);
  more.insert(more.end(), {"--keep", "1000"});
  train("straight", "basic", 6, more);
  const auto samples = find_samples(folder_ / "straight", "basic");
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].step, 20U);
  EXPECT_EQ(samples[1].step, 30U);
  fs::copy(folder_ / "straight", folder_ / "stopped", fs::copy_options::recursive);
  for (const auto& saved : find_checkpoints(folder_ / "stopped", "basic"))
    if (saved.step > 15) fs::remove(saved.path);
  // Those of a later step than the run goes on from are drawn again.
  testing::flip_byte(sample_path(folder_ / "stopped", "basic", 20), 5000);
  train("stopped", "basic", 6, more);
  for (const auto& sample : samples) {
    EXPECT_EQ(testing::read_file(sample_path(folder_ / "stopped", "basic", sample.step)),
              testing::read_file(sample.path));
  }
}

TEST_F(Resume, TheMeanOfSamplesIsTheSameOnSeveralNodesThatSaveInMidEpoch) {
  Words often{"--sampler", "sgld:step=0.05,warm_up=1,burn_in=1", "--checkpoint-every", "2steps"};
  often.insert(often.end(), {"--optimizer", "adam", "--keep", "40"});
  train("straight", "basic", 8, often);
  for (const int epochs : {4, 8}) run_dist({4, 1, arguments("run", "basic", epochs, often)});
  EXPECT_EQ(history_bits(folder_ / "run"), history_bits(folder_ / "straight"));
}

TEST_F(Resume, ASamplerThatIsAddedLaterBeginsWhereTheRunIs) {
  Words more{"--optimizer", "adam", "--learning-rate", "0.03", "--biases", "yes"};
  train("run", "basic", 6, more);
  more.insert(more.end(), {"--allow-changes", "--sampler", "sgld:step=0.05,warm_up=1,burn_in=6"});
  const std::string output = train("run", "basic", 8, more);
  EXPECT_THAT(output, HasSubstr("mean of 2 models"));
  EXPECT_THAT(output, HasSubstr("errors of the mean of 2 sampled models"));
  const std::string again = train("run", "basic", 8, more);
  EXPECT_THAT(again, HasSubstr("errors of the mean of 2 sampled models"));
  const auto test_line = [](const std::string& text) {
    const auto at = text.rfind("test RMSE basic");
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(test_line(again), test_line(output)) << "nothing is added twice";
}

TEST_F(Resume, ChangedRulesAreNamed) {
  train("run", "one_layer", 1, {"--rate-schedule", "cosine", "--group", "tables:rate=0.05"});
  expect_error(ErrorKind::usage,
               AllOf(HasSubstr("rate-schedule = cosine:over=2,end=0, was cosine:over=1,end=0"),
                     HasSubstr("group = none, was tables:optimizer=adagrad"),
                     HasSubstr("embedding-dim = 8, was 32"), Not(HasSubstr("hidden ="))),
               [&] {
                 train("run", "one_layer", 2,
                       {"--rate-schedule", "cosine", "--embedding-dim", "8", "--hidden", "64"});
               });
}

TEST_F(Resume, ResumesInTheMiddleOfAWindowUnderAnotherMemoryLimit) {
  const Words more{"--checkpoint-every", "1steps", "--keep", "1000"};
  const std::string straight = train("straight", "enriched", 2, more);
  for (const std::uint64_t stop : {1U, 3U, 7U}) {
    const std::string run = fmt::format("stopped-{}", stop);
    fs::copy(folder_ / "straight", folder_ / run, fs::copy_options::recursive);
    for (const auto& saved : find_checkpoints(folder_ / run, "enriched")) {
      if (saved.step > stop) fs::remove(saved.path);
    }
    Words limited = more;
    limited.insert(limited.end(), {"--memory-limit", "7.9kB"});
    const std::string resumed = run_dist({2, 1, arguments(run, "enriched", 2, limited)});
    EXPECT_THAT(resumed, HasSubstr("of 320 train ratings at a time"));
    EXPECT_THAT(resumed, Not(HasSubstr(" 320 of 320 train")));
    EXPECT_EQ(digests(resumed), digests(straight)) << run;
  }
}

TEST_F(Resume, ARunThatIsRepeatedKeepsTheRecordOfItsTraining) {
  const fs::path result = folder_ / "run" / "result.json";
  train("run", "one_layer", 2);
  const std::string trained = testing::read_file(result);
  run_dist({2, 1, arguments("run", "one_layer", 2, {})});
  EXPECT_EQ(testing::read_file(result), trained);
  train("run", "one_layer", 3);
  EXPECT_NE(testing::read_file(result), trained);
  testing::write_file(result, "{}");
  train("run", "one_layer", 3);
  EXPECT_EQ(read_result(folder_ / "run")->variants.front().epochs, 3U) << "written anew";
}

TEST_F(Resume, OtherOptionsOfAFinishedRunAreRefusedAndItsRecordStays) {
  train("run", "one_layer", 2);
  const std::string trained = testing::read_file(folder_ / "run" / "result.json");
  expect_error(ErrorKind::usage, HasSubstr("(learning-rate = 0.9, was 0.1) would train nothing"),
               [&] {
                 train("run", "one_layer", 2, {"--learning-rate", "0.9", "--allow-changes"});
               });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), trained);
}

TEST_F(Resume, OtherDataDoNotCarryOtherOptionsIntoAFinishedRun) {
  train("run", "one_layer", 2);
  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300);
  expect_error(ErrorKind::usage, HasSubstr("learning-rate = 0.3, was 0.1"), [&] {
    train("run", "one_layer", 2, {"--learning-rate", "0.3", "--allow-changes"});
  });
}

// What it says of other variants is said nowhere else.
TEST_F(Resume, AResultThatCannotBeReadIsSetAsideByName) {
  const fs::path result = folder_ / "run" / "result.json";
  for (const char* text : {R"({"kind": "nnrec result", "schema_version": 3})", R"({"kind": 3})",
                           R"({"kind": "nnrec result", "schema_version": "x"})", "[1", "7",
                           R"({"kind": "nnrec result", "schema_version": 4, "variants": []})",
                           R"({"kind": "nnrec result", "schema_version": 3, "variants": [{}]})"}) {
    train("run", "basic", 1);
    for (const auto& [variants, aside] : {std::pair("basic", "result.json.refused"),
                                          std::pair("basic,one_layer", "result.json.refused-2")}) {
      testing::write_file(result, text);
      EXPECT_THAT(train("run", variants, 1),
                  AllOf(HasSubstr("warning: " + result.string() + ": is "),
                        HasSubstr("set aside as result.json.refused")));
      EXPECT_EQ(testing::read_file(folder_ / "run" / aside), text);
    }
    EXPECT_EQ(read_result(folder_ / "run")->variants.size(), 2U) << text;
    fs::remove_all(folder_ / "run");
  }
}

TEST_F(Resume, ARefusedRunLeavesTheTraceAndANewOnesFolderMayHoldIt) {
  const std::string trace = (folder_ / "run" / "trace.json").string();
  const Words more{"--trace", trace, "--json-log", (folder_ / "run" / "log.json").string()};
  train("run", "basic", 1, more);
  const std::string written = testing::read_file(trace);
  EXPECT_THAT(written, HasSubstr("\"ph\""));
  Words never = more;
  never.insert(never.end(), {"--resume", "never"});
  expect_error(ErrorKind::usage, HasSubstr("holds another run"),
               [&] { train("run", "basic", 1, never); });
  EXPECT_EQ(testing::read_file(trace), written);
  expect_error(ErrorKind::io, HasSubstr("is a folder; give the name of a file"), [&] {
    train("new", "basic", 1, {"--trace", (folder_ / "run").string()});
  });
}

TEST_F(Resume, ABranchOfAFinishedRunHasItsCheckpoint) {
  const std::string straight = train("run", "one_layer", 2);
  const std::string last = newest("run", "one_layer").string();
  EXPECT_EQ(digests(train("branch", "one_layer", 2, {"--resume", last})), digests(straight));
  const auto head = train::read_checkpoint_head(newest("branch", "one_layer"));
  EXPECT_EQ(head.progress.epoch, 2U);
  EXPECT_EQ(head.info.origin.path, last);
  expect_error(ErrorKind::input, HasSubstr("there is nothing to replay"),
               [&] { verify("branch"); });
}

TEST_F(Resume, AStateThatIsRefusedLeavesTheRunAsItIs) {
  train("run", "one_layer", 2);
  testing::put_nan(newest("run", "one_layer"), "state/accumulator/user");
  const auto result = testing::read_file(folder_ / "run" / "result.json");
  const auto options = testing::read_file(folder_ / "run" / "options.cfg");
  expect_error(ErrorKind::input, HasSubstr("state/accumulator/user holds nan in row 0"),
               [&] { train("run", "one_layer", 3); });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), result);
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), options);
}

TEST_F(Resume, ASampledModelIsNoCheckpoint) {
  train("run", "basic", 4, testing::sampled(2));
  Words more = testing::sampled(2);
  more.insert(more.end(), {"--resume", sample_path(folder_ / "run", "basic", 20).string()});
  for (const char* run : {"new", "run"}) {
    expect_error(ErrorKind::input, HasSubstr("is a sampled model (--keep-samples), not a"),
                 [&] { train(run, "basic", 5, more); });
  }
  EXPECT_FALSE(fs::exists(folder_ / "new"));
}

TEST_F(Resume, WhatARunIsRefusedForLeavesTheRecordOfItsEnd) {
  train("run", "one_layer", 2);
  const std::string trained = testing::read_file(folder_ / "run" / "result.json");
  const std::string nowhere = (folder_ / "nowhere" / "file").string();
  testing::write_file(folder_ / "file", "");
  for (const Words& more : {Words{"--trace", nowhere}, Words{"--json-log", nowhere},
                            Words{"--logdir", (folder_ / "file" / "logs").string()}}) {
    expect_error(ErrorKind::io, HasSubstr(more[1]), [&] { train("run", "one_layer", 3, more); });
    EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), trained) << more[0];
  }
}

TEST_F(Resume, AVariantThatIsTrainedLaterLeavesTheOthersResult) {
  const auto ended = [&] {
    std::map<std::string, std::uint64_t> batches;
    const auto result = read_result(folder_ / "run");
    for (const auto& end : result->variants) batches[end.variant] = end.batches;
    return batches;
  };
  train("run", "basic", 2);
  train("run", "one_layer", 1);
  EXPECT_EQ(ended(), (std::map<std::string, std::uint64_t>{{"basic", 10}, {"one_layer", 5}}));
  train("run", "one_layer", 3);
  EXPECT_EQ(ended(), (std::map<std::string, std::uint64_t>{{"basic", 10}, {"one_layer", 10}}));
  train("run", "basic,one_layer", 3);
  EXPECT_EQ(ended(), (std::map<std::string, std::uint64_t>{{"basic", 5}, {"one_layer", 10}}))
      << "one_layer was only evaluated again";
}

TEST_F(Resume, AnEmptiedFolderOfCheckpointsIsNotBegunAnew) {
  train("run", "one_layer", 3);
  for (const auto& saved : find_checkpoints(folder_ / "run", "one_layer")) fs::remove(saved.path);
  const fs::path history = folder_ / "run" / "history.csv";
  const std::string epochs = testing::read_file(history);  // of none, or of some
  for (const std::string& left : {epochs.substr(0, epochs.find('\n') + 1), epochs}) {
    testing::write_file(history, left);
    expect_error(ErrorKind::input, HasSubstr("its checkpoints are gone"),
                 [&] { train("run", "one_layer", 3); });
    fs::remove(folder_ / "run" / "result.json");
  }
  // Where a device refused every save there is nothing to miss.
  fs::remove(saved_mark_path(folder_ / "run", "one_layer"));
  EXPECT_THAT(train("run", "one_layer", 3),
              HasSubstr("no checkpoint was saved in its 3 epochs: it begins anew"));
  // Nor is a former run's note one of a run that begins anew.
  for (const char* part : {"checkpoints", "history.csv", "result.json"})
    fs::remove_all(folder_ / "run" / part);
  ASSERT_TRUE(fs::exists(saved_mark_path(folder_ / "run", "one_layer")));
  train("run", "one_layer", 1, {"--checkpoint-every", "9epochs"});
}

TEST_F(Resume, ABranchWhoseCheckpointsAreGoneIsNotBegunAnew) {
  train("run", "one_layer", 1);
  const Words from{"--resume", newest("run", "one_layer").string()};
  train("branch", "one_layer", 2, from);
  fs::remove(newest("branch", "one_layer"));
  expect_error(ErrorKind::input, HasSubstr("its checkpoints are gone"),
               [&] { train("branch", "one_layer", 3, from); });
}

TEST_F(Resume, AWarmStartIsNotForgottenWhereARunIsThere) {
  train("first", "one_layer", 1);
  train("other", "one_layer", 1, {"--seed", "2"});
  const Words warm{"--warm-start", (folder_ / "first").string()};
  expect_error(ErrorKind::usage, HasSubstr("began with fresh weights"),
               [&] { train("other", "one_layer", 2, warm); });
  train("warm", "one_layer", 1, warm);
  EXPECT_THAT(train("warm", "one_layer", 2, warm), HasSubstr("goes on from"));
  expect_error(ErrorKind::usage,
               HasSubstr("began with the weights of " + (folder_ / "first").string()), [&] {
                 train("warm", "one_layer", 3, {"--warm-start", (folder_ / "other").string()});
               });
  fs::rename(folder_ / "first", folder_ / "elsewhere (step b)");
  EXPECT_THAT(
      train("warm", "one_layer", 3, {"--warm-start", (folder_ / "elsewhere (step b)").string()}),
      HasSubstr("is not there any more"));
  const Words again{"--warm-start", (folder_ / "elsewhere (step b)").string()};
  train("odd", "one_layer", 1, again);
  EXPECT_THAT(train("odd", "one_layer", 2, again), HasSubstr("goes on from"));
}

TEST_F(Resume, AWarmStartByABranchWhoseBestLiesElsewhereGoesOn) {
  cut_validation();
  train("run", "one_layer", 6, {"--learning-rate", "0.5"});
  train("branch", "one_layer", 7,
        {"--learning-rate", "1e-30", "--allow-changes", "--resume",
         newest("run", "one_layer").string()});
  const Words warm{"--warm-start", (folder_ / "branch").string()};
  EXPECT_THAT(train("warm", "one_layer", 1, warm),
              HasSubstr("begins with the weights of " + (folder_ / "run").string()));
  EXPECT_THAT(train("warm", "one_layer", 2, warm), HasSubstr("goes on from"));
}

TEST_F(Resume, SamplesStayAsManyAndEvenWhereMoreEpochsAreAskedFor) {
  const Words more = testing::sampled(4);
  const auto steps = [&] {
    std::vector<std::uint64_t> all;
    for (const auto& sample : find_samples(folder_ / "run", "basic")) all.push_back(sample.step);
    return all;
  };
  train("run", "basic", 6, more);
  EXPECT_THAT(steps(), ::testing::ElementsAre(15, 20, 25, 30));
  train("run", "basic", 18, more);
  const auto kept = steps();
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept.back(), 90U);
  for (std::size_t i = 1; i < kept.size(); ++i) EXPECT_GE(kept[i] - kept[i - 1], 15U);
  EXPECT_THAT(train("late", "basic", 6, Words(more.begin(), more.end() - 2)),
              Not(HasSubstr("kept")));
  EXPECT_THAT(train("late", "basic", 6, more), HasSubstr("0 of 4 can be kept"));
}

TEST_F(Resume, SamplesOfOtherDataAreSetAside) {
  const Words more = testing::sampled(4);
  train("run", "basic", 6, more);
  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300);
  Words allowed = more;
  allowed.push_back("--allow-changes");
  EXPECT_THAT(train("run", "basic", 8, allowed),
              HasSubstr("the mean of sampled models begins anew"));
  const std::string digest = shards::ShardSet::open(folder_ / "set").manifest().digest;
  const auto samples = find_samples(folder_ / "run", "basic");
  ASSERT_FALSE(samples.empty());
  for (const auto& sample : samples)
    EXPECT_EQ(train::read_checkpoint_head(sample.path).info.data_digest, digest);
}

TEST_F(Resume, ADamagedCheckpointIsNamedAndTheOneBeforeIsTaken) {
  const std::string straight = train("run", "one_layer", 3);
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, fs::file_size(damaged) / 2);
  const std::string resumed = train("run", "one_layer", 3);
  EXPECT_THAT(resumed, HasSubstr("checkpoint refused: " + damaged.string()));
  EXPECT_THAT(resumed, HasSubstr("goes on from"));
  EXPECT_THAT(resumed, HasSubstr("step 10"));
  EXPECT_EQ(digests(resumed), digests(straight));
}

TEST_F(Resume, WithNoValidCheckpointNothingIsStartedAnew) {
  train("run", "one_layer", 2);
  for (const auto& saved : find_checkpoints(folder_ / "run", "one_layer")) {
    testing::flip_byte(saved.path, 100);
  }
  const std::string history = testing::read_file(folder_ / "run" / "history.csv");
  expect_error(ErrorKind::input, HasSubstr("no checkpoint of one_layer is valid"),
               [&] { train("run", "one_layer", 2); });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "history.csv"), history);
}

TEST_F(Resume, ADamagedPathOffersTheNewestValidOne) {
  train("run", "one_layer", 3);
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, 200);
  expect_error(ErrorKind::input,
               ::testing::AllOf(HasSubstr(damaged.string()), HasSubstr("step-0000000010.h5")), [&] {
                 train("run", "one_layer", 3, {"--resume", damaged.string()});
               });
}

TEST_F(Resume, APathBranchesIntoAnotherFolder) {
  const std::string straight = train("run", "one_layer", 3);
  const Words from{"--resume", find_checkpoints(folder_ / "run", "one_layer")[0].path.string()};
  EXPECT_EQ(digests(train("branch", "one_layer", 3, from)), digests(straight));
  // The same command goes on with the branch, even when the checkpoint it came from is gone.
  EXPECT_EQ(digests(train("branch", "one_layer", 3, from)), digests(straight));
  expect_error(ErrorKind::usage, HasSubstr("goes on from there by --resume auto"),
               [&] { train("run", "one_layer", 3, from); });
  expect_error(ErrorKind::usage, HasSubstr("is of variant one_layer"),
               [&] { train("other", "basic", 3, from); });
}

TEST_F(Resume, TheRunsOwnCheckpointBeforeADamagedOneIsTaken) {
  const std::string straight = train("run", "one_layer", 3);
  testing::flip_byte(newest("run", "one_layer"), 300);
  const Words own{"--resume", checkpoint_path(folder_ / "run", "one_layer", 10).string()};
  EXPECT_EQ(digests(train("run", "one_layer", 3, own)), digests(straight));
}

// The model of a step between two epochs has no epoch's errors.
TEST_F(Resume, FewerEpochsThanAreBegunAreRefused) {
  train("run", "one_layer", 2, {"--checkpoint-every", "1steps", "--keep", "1000"});
  const Words from{"--resume", checkpoint_path(folder_ / "run", "one_layer", 7).string()};
  expect_error(ErrorKind::usage,
               HasSubstr("1 epochs and 128 ratings of the next are done, more than --epochs 1 asks "
                         "for; give --epochs 2 or more"),
               [&] { train("branch", "one_layer", 1, from); });
  EXPECT_FALSE(fs::exists(folder_ / "branch"));
  train("branch", "one_layer", 2, from);
}

TEST_F(Resume, ChangedOptionsAreRefusedOrRecorded) {
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

TEST_F(Resume, AnOptionThatIsNoLongerInForceIsAChange) {
  train("run", "complex", 1, {"--dropout", "0.3"});
  const auto dropped = HasSubstr("dropout = not in force, was 0.3");
  expect_error(ErrorKind::usage, dropped, [&] { train("run", "complex", 2); });
  expect_error(ErrorKind::input, dropped, [&] {
    run_dist({1, 1, {"--verify", (folder_ / "run").string(), "--dropout", "0"}});
  });
  EXPECT_THAT(train("run", "complex", 2, {"--allow-changes"}), dropped);
}

TEST_F(Resume, AnOptionThatComesIntoForceIsAChange) {
  train("run", "complex", 1);
  const auto added = HasSubstr("dropout = 0.3, was not in force");
  expect_error(ErrorKind::usage, added, [&] { train("run", "complex", 2, {"--dropout", "0.3"}); });
  EXPECT_THAT(train("run", "complex", 2, {"--dropout", "0.3", "--allow-changes"}), added);
}

TEST_F(Resume, AnotherBuildIsAChange) {
  train("run", "one_layer", 1);
  change_build("run", "one_layer", "sources");
  const auto changed = HasSubstr("build: sources = ");
  expect_error(ErrorKind::usage, changed, [&] { train("run", "one_layer", 2); });
  EXPECT_THAT(train("run", "one_layer", 2, {"--allow-changes"}), changed);
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  EXPECT_THAT(head.info.changes,
              AllOf(HasSubstr("step 5: build: sources = "), HasSubstr(", was ~")));
  EXPECT_THAT(train("run", "one_layer", 3), Not(changed)) << "the new build is the one to keep";
}

TEST_F(Resume, AnotherLibraryThatNoBitDependsOnIsSaidAndTaken) {
  train("run", "one_layer", 1);
  change_build("run", "one_layer", "hdf5");
  EXPECT_THAT(train("run", "one_layer", 2), HasSubstr("one_layer: build: hdf5 = "));
  EXPECT_EQ(train::read_checkpoint_head(newest("run", "one_layer")).info.changes, "");
}

TEST_F(Resume, OtherDataIsAChange) {
  train("run", "one_layer", 1);
  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 500);
  expect_error(ErrorKind::usage, HasSubstr("data digest = "),
               [&] { train("run", "one_layer", 2); });
}

TEST_F(Resume, ASaveNextToARefusedLaterOneStays) {
  train("run", "one_layer", 4, {"--keep", "1000"});
  const fs::path damaged = newest("run", "one_layer");
  testing::flip_byte(damaged, 300);
  fs::remove(find_checkpoints(folder_ / "run", "one_layer")[2].path);  // go on from step 10
  const StopSignals signals;
  const std::string resumed = run_dist(
      {2, 1, arguments("run", "one_layer", 3, {"--keep", "1", "--checkpoint-every", "1steps"})},
      signals);
  EXPECT_THAT(resumed, HasSubstr("step 10"));
  EXPECT_EQ(saved_steps("run", "one_layer").back(), 15U);
  EXPECT_TRUE(fs::exists(damaged.string() + ".refused"));
}

TEST_F(Resume, AChangeThatCannotWorkLeavesTheRunAsItIs) {
  train("run", "one_layer", 1);
  const std::string options = testing::read_file(folder_ / "run" / "options.cfg");
  expect_error(ErrorKind::usage, HasSubstr("needs mean/"), [&] {
    train("run", "one_layer", 2, {"--optimizer", "adam", "--allow-changes"});
  });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), options);
  EXPECT_THAT(verify("run"), HasSubstr("same bits"));
}

TEST_F(Resume, WhereCheckpointsAreGoneNothingIsStartedAnew) {
  train("run", "one_layer", 2);
  fs::remove_all(folder_ / "run" / "checkpoints");
  expect_error(ErrorKind::input, HasSubstr("its checkpoints are gone"),
               [&] { train("run", "one_layer", 2); });
  expect_error(ErrorKind::input, HasSubstr("no checkpoint is there to be replayed"),
               [&] { verify("run"); });
}

TEST_F(Resume, AnotherRunsCheckpointIsNotMixedIn) {
  train("run", "one_layer", 2);
  train("other", "one_layer", 1, {"--seed", "9"});
  const Words from{"--resume", newest("run", "one_layer").string()};
  expect_error(ErrorKind::usage, HasSubstr("would be mixed with those of another run"),
               [&] { train("other", "one_layer", 3, from); });
}

TEST_F(Resume, ALostHistoryIsSaid) {
  const std::string straight = train("run", "one_layer", 2);
  fs::remove(folder_ / "run" / "history.csv");
  EXPECT_THAT(train("run", "one_layer", 3), HasSubstr("has 0 of the 2 epochs"));
  testing::write_file(folder_ / "run" / "history.csv", "something else\n");
  expect_error(ErrorKind::input, HasSubstr("history.csv:1:1: header"),
               [&] { train("run", "one_layer", 4); });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "history.csv"), "something else\n");
}

TEST_F(Resume, WarningsOfAResumeAreInTheLogFile) {
  train("run", "one_layer", 2);
  testing::flip_byte(newest("run", "one_layer"), 300);
  train("run", "one_layer", 2, {"--learning-rate", "0.05", "--allow-changes"});
  const std::string log = testing::read_file(folder_ / "run" / "log.txt");
  EXPECT_THAT(log, HasSubstr("checkpoint refused"));
  EXPECT_THAT(log, HasSubstr("learning-rate = 0.05, was 0.1"));
}

TEST_F(Resume, DropoutIsNoChangeForAVariantWithoutIt) {
  train("run", "basic", 1);
  EXPECT_THAT(train("run", "basic,one_layer", 2, {"--dropout", "0.3"}),
              HasSubstr("basic epoch 2/2"));
}

}  // namespace
}  // namespace nnrec::run
