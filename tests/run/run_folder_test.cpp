#include "nnrec/run/run_folder.hpp"

#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "nnrec/run/checkpoints.hpp"

#include "support/expect_error.hpp"
#include "support/failing_reads.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using testing::expect_error;
using ::testing::HasSubstr;

class Folder : public ::testing::Test {
 protected:
  RunFolder open() { return {folder_ / "run", log_}; }
  /// Makes empty files by the names of checkpoints of basic.
  void save(const std::vector<std::uint64_t>& steps) const {
    for (const std::uint64_t step : steps)
      testing::write_file(checkpoint_path(folder_ / "run", "basic", step), "");
  }
  std::vector<std::uint64_t> saved() const {
    std::vector<std::uint64_t> steps;
    for (const auto& checkpoint : find_checkpoints(folder_ / "run", "basic"))
      steps.push_back(checkpoint.step);
    return steps;
  }
  static HistoryRow row(const std::string& variant, std::uint64_t epoch) {
    return {variant, epoch, 5 * epoch, 1, 1, 0.1, 1, 1};
  }
  static train::TrainProgress at_epoch(std::uint64_t epoch) {
    train::TrainProgress progress;
    progress.epoch = epoch;
    progress.step = 5 * epoch;
    return progress;
  }

  testing::TemporaryFolder folder_;
  Log log_ = Log::silent();
};

using Steps = std::vector<std::uint64_t>;

TEST_F(Folder, IsOfOneJobAtATime) {
  const RunFolder first = open();
  expect_error(ErrorKind::usage, HasSubstr("is in use by process"),
               [&] { io::FolderLock(folder_ / "run", 0); });
}

TEST_F(Folder, ThatBeganNoRunIsGoneInTheEnd) {
  {
    const RunFolder folder = open();
    folder.open_log(log_);
    EXPECT_FALSE(folder.holds_run());
  }
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  fs::create_directory(folder_ / "run");
  { const RunFolder folder = open(); }
  EXPECT_TRUE(fs::exists(folder_ / "run")) << "it was there before";
}

TEST_F(Folder, ThatItsJobRemovesIsMadeAnewForTheJobThatComes) {
  std::optional<RunFolder> first(std::in_place, folder_ / "run", log_);
  const testing::WorkAtRead opened(folder_ / "run" / "lock", [&] { first.reset(); });
  std::optional<RunFolder> second(std::in_place, folder_ / "run", log_);
  ASSERT_FALSE(first) << "the case needs a folder that is removed when its lock is open";
  EXPECT_NO_THROW(second->open_log(log_));
  expect_error(ErrorKind::usage, HasSubstr("is in use by process"),
               [&] { io::FolderLock(folder_ / "run", 0); });
  second.reset();
  EXPECT_FALSE(fs::exists(folder_ / "run")) << "made for a run that did not begin";
}

TEST_F(Folder, ThatIsNoLongerAtItsPathIsWrittenNoMore) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  EXPECT_NO_THROW(folder.require_kept());
  const fs::path moved = folder_ / "moved";
  fs::rename(folder_ / "run", moved);
  RunFolder other = open();
  other.open_run("seed = 7\n", {}, log_);
  save({5, 10, 15});
  const auto refused = [&](const auto& matcher) {
    for (const std::function<void()>& change : std::initializer_list<std::function<void()>>{
             [&] { folder.require_kept(); },
             [&] {
               folder.open_run("seed = 1\n", {{"basic", at_epoch(1)}}, log_);
             },
             [&] { folder.write_result("{}"); }, [&] { folder.write_ended("{}"); },
             [&] { folder.remove_old_checkpoints("basic", 15, 1, 0); },
             [&] { folder.set_samples_aside("basic", 5); },
             [&] { folder.thin_samples("basic", 1, 0); }})
      expect_error(ErrorKind::io, matcher, change);
  };
  refused(HasSubstr(fmt::format("--run {}: the folder was renamed while this job trained in it",
                                (folder_ / "run").string())));
  refused(HasSubstr(fmt::format("--run {} goes on", fs::canonical(moved).string())));
  fs::remove_all(moved);
  refused(HasSubstr("or the file lock in it, was removed"));
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), "seed = 7\n");
  EXPECT_FALSE(fs::exists(folder_ / "run" / "result.json"));
  EXPECT_EQ(saved(), (Steps{5, 10, 15}));
}

TEST_F(Folder, OfSomethingElseIsRefused) {
  const auto refuse = [&](const fs::path& path) {
    const auto is_said = HasSubstr(fmt::format("--run {}: is ", path.string()));
    expect_error(ErrorKind::usage, is_said, [&] { RunFolder::looked_at(path); });
    if (path.is_absolute() && path.has_relative_path())  // whatever the outcome, / stays clean
      expect_error(ErrorKind::usage, is_said, [&] { RunFolder(path, log_); });
  };
  refuse("/");
  fs::create_directories(folder_ / "run" / ".git");
  refuse(folder_ / "run");
  fs::rename(folder_ / "run" / ".git", folder_ / "run" / "manifest.h5");
  refuse(folder_ / "run");
  EXPECT_FALSE(fs::exists(folder_ / "run" / "lock"));
  fs::rename(folder_ / "run" / "manifest.h5", folder_ / "run" / ".git");
  testing::write_file(folder_ / "run" / "options.cfg", "");
  EXPECT_NO_THROW(open()) << "a run whose notes are kept by git";
  fs::remove(folder_ / "run" / "options.cfg");
  fs::rename(folder_ / "run" / ".git", folder_ / "run" / "slurm-12.out");
  EXPECT_NO_THROW(open());
}

TEST_F(Folder, HoldsOptionsAndAHistoryOnceARunHasBegun) {
  RunFolder folder = open();
  folder.open_run("seed = 1\n", {}, log_);
  EXPECT_TRUE(folder.holds_run());
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), "seed = 1\n");
  EXPECT_EQ(folder.history_of("basic").size(), 0U);
  EXPECT_TRUE(folder.history().exists());
}

TEST_F(Folder, WhereThereWasNoRunOptionsAreAPersonsWhateverTheySay) {
  const fs::path options = folder_ / "run" / "options.cfg";
  fs::create_directories(folder_ / "run" / "checkpoints");  // of a start that a full disk ended
  testing::write_file(options, "seed = 2\n");
  RunFolder folder = open();
  folder.open_run("data = set\nseed = 1\n", {}, log_);
  EXPECT_EQ(testing::read_file(options.string() + ".given"), "seed = 2\n");
  EXPECT_EQ(testing::read_file(options), "data = set\nseed = 1\n");
}

TEST_F(Folder, OptionsThatAPersonWroteAreKeptBesideTheRunsOwn) {
  const fs::path options = folder_ / "run" / "options.cfg";
  const std::string own = "data = set\nseed = 1\n";
  fs::create_directory(folder_ / "run");
  RunFolder folder = open();
  int kept = 0;
  for (const char* text : {"# why this seed\ndata = set\nseed = 1\n", "seed = 1\n\n",
                           "seed = 1 # as before\n", "seed=1\n", "threads = 2\n"}) {
    testing::write_file(options, text);
    folder.open_run(own, {}, log_);
    const std::string aside = ++kept == 1 ? ".given" : fmt::format(".given-{}", kept);
    EXPECT_EQ(testing::read_file(options.string() + aside), text);
    EXPECT_EQ(testing::read_file(options), own);
  }
  for (const char* text : {own.c_str(), "data = set\nseed = 2\ngroup = user*:rate=1\n", ""}) {
    testing::write_file(options, text);
    folder.open_run(own, {}, log_);
    EXPECT_FALSE(fs::exists(fmt::format("{}.given-{}", options.string(), kept + 1))) << text;
  }
}

TEST_F(Folder, GoingOnDropsTheRowsBehindAVariantsPointOnly) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  for (const std::uint64_t epoch : {1, 2, 3}) folder.history().append(row("basic", epoch));
  for (const std::uint64_t epoch : {1, 2}) folder.history().append(row("complex", epoch));
  folder.open_run("", {{"basic", at_epoch(1)}}, log_);
  EXPECT_EQ(folder.history_of("basic").size(), 1U);
  EXPECT_EQ(folder.history_of("complex").size(), 2U);
}

TEST_F(Folder, LostRowsAreSaid) {
  RunFolder folder = open();
  folder.open_log(log_);
  folder.open_run("", {{"basic", at_epoch(2)}}, log_);
  EXPECT_THAT(testing::read_file(folder_ / "run" / "log.txt"),
              HasSubstr("has 0 of the 2 epochs that basic is trained for"));
}

TEST_F(Folder, GoingOnClearsWhatKilledWritersLeftAndSetsRefusedOnesAside) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  save({5, 10, 15});
  const fs::path leftover = folder_ / "run" / "checkpoints" / ".basic-step-20.h5.partial-7-0";
  testing::write_file(leftover, "half");
  folder.open_run("", {{"basic", at_epoch(2)}}, log_);
  EXPECT_FALSE(fs::exists(leftover));
  EXPECT_EQ(saved(), (Steps{5, 10}));
  EXPECT_TRUE(fs::exists(checkpoint_path(folder_ / "run", "basic", 15).string() + ".refused"));
}

TEST_F(Folder, WhoseHistoryIsRefusedStaysAsItIs) {
  {
    RunFolder folder = open();
    folder.open_run("seed = 1\n", {}, log_);
    save({5, 10});
    folder.write_result("{}");
  }
  testing::write_file(folder_ / "run" / "history.csv", "not a history\n");
  RunFolder folder = open();
  expect_error(ErrorKind::input, HasSubstr("history.csv:1:1"), [&] {
    folder.open_run("seed = 2\n", {{"basic", at_epoch(1)}}, log_);
  });
  EXPECT_EQ(testing::read_file(folder_ / "run" / "options.cfg"), "seed = 1\n");
  EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), "{}");
  EXPECT_EQ(saved(), (Steps{5, 10}));
}

TEST_F(Folder, AFullDiskLeavesTheResultOfAFormerEnd) {
  RunFolder folder = open();
  folder.open_run("seed = 1\n", {}, log_);
  folder.write_result("{}");
  {
    const testing::FileSizeLimit full(1);
    expect_error(ErrorKind::io, HasSubstr("options.cfg"),
                 [&] { folder.open_run("seed = 1\n", {}, log_); });
  }
  EXPECT_EQ(testing::read_file(folder_ / "run" / "result.json"), "{}");
}

TEST_F(Folder, KeepsTheNewestCheckpointsAndTheBest) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  save({5, 10, 15, 20, 25});
  folder.remove_old_checkpoints("basic", 25, 2, 10);
  EXPECT_EQ(saved(), (Steps{10, 20, 25}));
  folder.remove_old_checkpoints("basic", 25, 1, 0);
  EXPECT_EQ(saved(), (Steps{25})) << "nothing is best yet";
}

TEST_F(Folder, TheCheckpointThatWasSavedLastStaysWhateverLiesBehindIt) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  save({5, 10, 15, 100, 200});
  folder.remove_old_checkpoints("basic", 15, 1, 0);
  EXPECT_EQ(saved(), (Steps{15, 100, 200}));
}

TEST_F(Folder, ABestThatTheDeviceRefusedDoesNotKeepAllOthers) {
  RunFolder folder = open();
  folder.open_run("", {}, log_);
  save({5, 10, 15, 20});
  folder.remove_old_checkpoints("basic", 20, 2, 12);
  EXPECT_EQ(saved(), (Steps{5, 15, 20})) << "the oldest may be the best before";
  save({25, 30});
  folder.remove_old_checkpoints("basic", 30, 2, 12);
  EXPECT_EQ(saved(), (Steps{5, 25, 30}));
}

// Also where one ends before the other looks for its folder.
TEST_F(Folder, RunsWithoutANameThatBeginTogetherHaveAFolderEach) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  std::vector<std::thread> jobs;
  std::mutex mutex;
  std::multiset<fs::path> names;
  for (int job = 0; job < 8; ++job) {
    jobs.emplace_back([&] {
      for (int run = 0; run < 10; ++run) {
        Log log = Log::silent();
        RunFolder folder({}, log);
        folder.open_run("", {}, log);
        const std::lock_guard lock(mutex);
        names.insert(folder.path());
      }
    });
  }
  for (std::thread& job : jobs) job.join();
  fs::current_path(before);
  EXPECT_EQ(std::set<fs::path>(names.begin(), names.end()).size(), names.size());
}

TEST_F(Folder, DefaultNamesAreNew) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const fs::path first = default_run_folder();
  fs::create_directories(first);
  const fs::path second = default_run_folder();
  fs::current_path(before);
  EXPECT_EQ(first.parent_path(), "runs");
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace nnrec::run
