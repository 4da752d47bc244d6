#include "app/tune/tuning.hpp"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/app/tune_command.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/shards/shard_set.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::app {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Trials are trained here as the scripts have them trained.
class TuningFolder : public testing::DistFixture {
 protected:
  TuningFolder() { cut_validation(); }

  Tuning tuning(std::vector<std::string> more_fixed = {}) const {
    std::vector<std::string> fixed{"variant=basic", "batch=64", "optimizer=adam"};
    fixed.insert(fixed.end(), more_fixed.begin(), more_fixed.end());
    return {folder_ / "tune",
            {(folder_ / "set").string(),
             fixed,
             SearchSpace({"learning-rate=0.001..0.1:log"}),
             1,
             {2, {1, 3}, 2}}};
  }
  struct Task {
    std::string run;
    std::string epochs;
    std::string resume;
  };
  static std::vector<Task> tasks(const Tuning& tuning) {
    std::istringstream lines(tuning.tasks());
    std::vector<Task> all;
    for (Task task; lines >> task.run >> task.epochs >> task.resume;) all.push_back(task);
    return all;
  }
  std::string train_task(const Task& task) const {
    const auto run = folder_ / "tune" / task.run;
    return testing::run_dist({1,
                              1,
                              {"--config", (run.parent_path() / "trial.cfg").string(), "--epochs",
                               task.epochs, "--run", run.string(), "--resume", task.resume}});
  }
  void train_all(const Tuning& tuning) const {
    for (const Task& task : tasks(tuning)) train_task(task);
  }
  static std::vector<std::string> runs_of(const std::vector<Task>& tasks) {
    std::vector<std::string> runs;
    for (const Task& task : tasks) runs.push_back(task.run);
    return runs;
  }
};

TEST_F(TuningFolder, TrialsGoOnFromTheRungBefore) {
  const Tuning tuning = this->tuning();
  tuning.write_trials();
  EXPECT_THAT(
      runs_of(tasks(tuning)),
      ::testing::ElementsAre("as-given/epochs-1", "trial-001/epochs-1", "trial-002/epochs-1"));
  train_all(tuning);
  const auto second = tasks(tuning);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0].run, "as-given/epochs-3");
  EXPECT_THAT(second[1].run, AnyOf("trial-001/epochs-3", "trial-002/epochs-3"));
  EXPECT_THAT(second[1].resume, HasSubstr("/epochs-1/checkpoints/basic-step-"));
  EXPECT_THAT(train_task(second[1]), HasSubstr("goes on from"));
  const auto whole = second[1].run.substr(0, 9);
  testing::run_dist({1,
                     1,
                     {"--config", (folder_ / "tune" / whole / "trial.cfg").string(), "--epochs",
                      "3", "--run", (folder_ / "whole").string()}});
  EXPECT_EQ(run::read_result(folder_ / "tune" / second[1].run)->variants.front().model_digest,
            run::read_result(folder_ / "whole")->variants.front().model_digest);
  EXPECT_EQ(tasks(tuning).size(), 1U) << "what has ended is no task any more";
  train_all(tuning);
  EXPECT_EQ(tuning.tasks(), "");
}

TEST_F(TuningFolder, ATrialThatWasStoppedGoesOnWhereTheFolderWasMovedTo) {
  const Tuning tuning = this->tuning();
  tuning.write_trials();
  train_all(tuning);
  Task stopped = tasks(tuning).back();
  stopped.epochs = "2";
  train_task(stopped);
  std::filesystem::remove(folder_ / "tune" / stopped.run / "result.json");
  std::filesystem::rename(folder_ / "tune", folder_ / "former");
  std::filesystem::create_directory(folder_ / "tune");
  std::filesystem::rename(folder_ / "former", folder_ / "tune" / "moved");
  const Tuning moved(folder_ / "tune" / "moved", tuning.plan());
  Task task = tasks(moved).back();
  ASSERT_EQ(task.run, stopped.run);
  task.run = "moved/" + task.run;
  EXPECT_THAT(train_task(task), HasSubstr("goes on from"));
  EXPECT_EQ(tasks(moved).size(), 1U);
}

/// In a longer run the rates of the first epochs would have been others.
TEST_F(TuningFolder, WhereRatesDependOnTheEpochsTrialsBeginAnew) {
  for (const char* schedule : {"cosine", "linear:end=0.1"}) {
    std::filesystem::remove_all(folder_ / "tune");
    const Tuning tuning = this->tuning({std::string("rate-schedule=") + schedule});
    tuning.write_trials();
    train_all(tuning);
    for (const Task& task : tasks(tuning)) EXPECT_EQ(task.resume, "auto") << schedule;
  }
  std::filesystem::remove_all(folder_ / "tune");
  const Tuning tuning = this->tuning({"rate-schedule=cosine:over=3"});
  tuning.write_trials();
  train_all(tuning);
  for (const Task& task : tasks(tuning)) EXPECT_NE(task.resume, "auto");
}

TEST_F(TuningFolder, TheValidationPartDecides) {
  const Tuning tuning = this->tuning();
  tuning.write_trials();
  train_task(tasks(tuning).front());
  const auto end = run::read_result(folder_ / "tune" / "as-given" / "epochs-1")->variants.front();
  EXPECT_EQ(tuning.end_of(0, 0), end.validation->rmse);
  EXPECT_NE(end.validation->rmse, end.test->rmse);
  EXPECT_EQ(tuning.end_of(1, 0), std::nullopt);
}

TEST_F(TuningFolder, ErrorsOnDifferentDataAreNotCompared) {
  const Tuning tuning = this->tuning();
  tuning.write_trials();
  EXPECT_EQ(tuning.data_digest(), "");
  train_task(tasks(tuning).front());
  const auto first = shards::ShardSet::open(folder_ / "set").manifest().digest;
  EXPECT_EQ(tuning.data_digest(), first);
  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300, 0.2);
  expect_error(ErrorKind::input,
               AllOf(HasSubstr("is not the data set that trials were trained on so far"),
                     HasSubstr(first.substr(0, 16))),
               [&] {
                 Log log = Log::silent();
                 tune_command(
                     {(folder_ / "tune").string(), "--data", (folder_ / "set").string(), "--fixed",
                      "variant=basic", "--search", "batch=64,128", "--rungs", "1,3"},
                     log);
               });
  train_task(tasks(tuning).front());
  expect_error(ErrorKind::input,
               HasSubstr("as-given/epochs-1 and trial-001/epochs-1 were trained on different data"),
               [&] { tuning.rungs(); });
}

TEST_F(TuningFolder, WhatFailedIsNoTaskAndDoesNotGoOn) {
  const Tuning tuning = this->tuning();
  tuning.write_trials();
  testing::write_file(folder_ / "tune" / "trial-001" / "epochs-1.failed", "not finite\n");
  EXPECT_TRUE(std::isinf(tuning.end_of(1, 0).value()));
  EXPECT_THAT(runs_of(tasks(tuning)),
              ::testing::ElementsAre("as-given/epochs-1", "trial-002/epochs-1"));
  train_all(tuning);
  EXPECT_THAT(runs_of(tasks(tuning)),
              ::testing::ElementsAre("as-given/epochs-3", "trial-002/epochs-3"));
}

TEST_F(TuningFolder, WhatIsDrawnWinsAndGroupsAddUp) {
  const Tuning tuning(folder_ / "tune", {"set",
                                         {"variant=basic", "batch=7", "group=tables:l2=1"},
                                         SearchSpace({"batch=9", "group=dense:l2={2}"}),
                                         1,
                                         {1, {1}, 2}});
  EXPECT_EQ(tuning.options_of(0),
            "data = set\nkeep = 1\nvariant = basic\nbatch = 7\ngroup = tables:l2=1\n");
  EXPECT_EQ(tuning.options_of(1),
            "data = set\nkeep = 1\nvariant = basic\ngroup = tables:l2=1\nbatch = 9\n"
            "group = dense:l2=2\n");
}

TEST_F(TuningFolder, OneVariantATrial) {
  Tuning tuning = this->tuning();
  tuning.write_trials();
  testing::run_dist({1, 1, arguments("tune/as-given/epochs-1", "basic,one_layer", 1)});
  expect_error(ErrorKind::input, HasSubstr("epochs-1: has 2 variants; a trial trains one"),
               [&] { tuning.tasks(); });
}

}  // namespace
}  // namespace nnrec::app
