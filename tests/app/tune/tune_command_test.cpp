#include "nnrec/app/tune_command.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/dist/dist_options.hpp"
#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

class TuneCommand : public testing::Answering {
 protected:
  TuneCommand() { cut_validation(); }

  std::string tune(Words words) const {
    words.insert(words.begin(), path("tune"));
    ask([](const Words& given, std::FILE*, Log& log) { tune_command(given, log); }, words);
    return log();
  }
  Words basic(const Words& more = {}) const {
    Words words{"--data",  path("set"), "--fixed",  "variant=basic",
                "--fixed", "batch=64",  "--search", "learning-rate=0.01..0.1:log"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string kept() const { return testing::read_file(folder_ / "tune" / "tuning.cfg"); }
};

TEST_F(TuneCommand, SaysThePlanAndGoesOnByTheFolderAlone) {
  EXPECT_THAT(tune(basic({"--trials", "6", "--rungs", "1,2", "--reduction-factor", "2"})),
              HasSubstr("7 trials to 1 epochs, 4 trials to 2 epochs"));
  const std::string tasks = tune({"--next"});
  EXPECT_THAT(tasks, AllOf(HasSubstr("as-given/epochs-1 1 auto\n"),
                           HasSubstr("trial-006/epochs-1 1 auto\n"), Not(HasSubstr("trial-007"))));
  const std::string before = kept();
  EXPECT_EQ(tune(basic({"--next"})), tasks) << "the same options may be said again";
  EXPECT_THAT(tune({"--trials", "7"}), HasSubstr("8 trials to 1 epochs"));
  EXPECT_THAT(tune({"--next"}), HasSubstr("trial-007/epochs-1 1 auto\n"));
  EXPECT_THAT(tune({"--table"}), HasSubstr("8 of 8 trials of rung 1 of 2 are to be trained"));
}

TEST_F(TuneCommand, ReadsAFileOfSearches) {
  testing::write_file(folder_ / "search.cfg",
                      "search = learning-rate=0.01..0.1:log\nsearch = batch=32,64\n"
                      "fixed = variant=basic\ntrials = 3\n");
  tune({"--config", path("search.cfg"), "--data", path("set"), "--rungs", "1"});
  EXPECT_THAT(testing::read_file(folder_ / "tune" / "trial-003" / "trial.cfg"),
              AllOf(HasSubstr("learning-rate = 0.0"), HasSubstr("\nbatch = "),
                    HasSubstr("variant = basic\n")));
}

TEST_F(TuneCommand, EveryPresetHasASearchForEachOfItsVariants) {
  for (const std::string preset : {"tuned", "sampled"}) {
    for (const std::string variant : {"basic", "one_layer", "enriched", "complex", "deep_fm"}) {
      const std::string name = preset + "-" + variant;
      const auto file = std::filesystem::path(NNREC_SOURCE_DIR) / "jobs/tuning" / (name + ".cfg");
      std::filesystem::remove_all(folder_ / "tune");
      tune({"--config", file.string(), "--data", path("set")});
      Log log = Log::silent();
      for (const char* trial : {"as-given", "trial-001", "trial-009"}) {
        const auto drawn = (folder_ / "tune" / trial / "trial.cfg").string();
        const auto options = parse_dist_options({"--config", drawn}, log);
        EXPECT_EQ(options->preset, preset) << name;
        EXPECT_EQ(options->variant, variant);
      }
    }
  }
}

TEST_F(TuneCommand, MovieLens1MHasASearchAndValuesForVariantsOfItsOwn) {
  const std::filesystem::path jobs = std::filesystem::path(NNREC_SOURCE_DIR) / "jobs";
  for (const std::string variant : {"one_layer", "complex", "deep_fm"}) {
    std::filesystem::remove_all(folder_ / "tune");
    tune({"--config", (jobs / "tuning" / ("ml-1m-" + variant + ".cfg")).string(), "--data",
          path("set")});
    Log log = Log::silent();
    const auto values = (jobs / "ml-1m" / (variant + ".cfg")).string();
    for (const auto& config : {path("tune/trial-001/trial.cfg"), values}) {
      const auto options = parse_dist_options({"--config", config}, log);
      EXPECT_EQ(options->preset, "tuned") << config;
      EXPECT_EQ(options->variant, variant);
    }
  }
}

TEST_F(TuneCommand, AnotherTuningInTheFolderIsRefused) {
  tune(basic());
  const std::string before = kept();
  for (const Words& other :
       {Words{"--seed", "2"}, Words{"--search", "batch=1,2"}, Words{"--fixed", "variant=fm"}}) {
    expect_error(ErrorKind::usage, HasSubstr("tuning.cfg: is of another tuning"),
                 [&] { tune(other); });
  }
  EXPECT_EQ(kept(), before);
}

TEST_F(TuneCommand, AllThatIsWrongIsSaidAtOnceAndNothingWritten) {
  expect_error(ErrorKind::usage,
               AllOf(HasSubstr("--search rate=2..1: the lower end comes first"),
                     HasSubstr("--trials 0 is not in 1.."), HasSubstr("--rungs 3,2 is not"),
                     HasSubstr("--fixed variant=NAME")),
               [&] {
                 tune({"--search", "rate=2..1", "--trials", "0", "--rungs", "3,2"});
               });
  expect_error(
      ErrorKind::usage,
      AllOf(HasSubstr("--search batch is given twice"), HasSubstr("--fixed variant is given twice"),
            Not(HasSubstr("group"))),
      [&] {
        tune({"--search", "batch=1,2", "--search", "batch=3,4", "--fixed", "variant=fm", "--fixed",
              "variant=basic", "--fixed", "group=dense:l2=1", "--fixed", "group=tables:l2=1"});
      });
  expect_error(ErrorKind::usage, HasSubstr("--search is missing"), [&] {
    tune({"--fixed", "variant=basic"});
  });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tune"));
}

// Whose mended command finds the folder as if there had been none.
TEST_F(TuneCommand, WhatTrainingWouldRefuseOfAnyTrialIsSaidBeforeTheFirst) {
  const auto expect_refusal = [&](const Words& more, const auto& message) {
    expect_error(ErrorKind::usage, message, [&] { tune(basic(more)); });
    EXPECT_FALSE(std::filesystem::exists(folder_ / "tune"));
  };
  expect_refusal({"--search", "embeding-dim=8,16"},
                 AllOf(HasSubstr("trial-001, with learning-rate = 0.0"),
                       HasSubstr(", embeding-dim = "), HasSubstr("did you mean --embedding-dim?")));
  expect_refusal({"--search", "ema=0.5,2"}, HasSubstr("--ema 2 is not in "));
  expect_refusal({"--search", "sampler=none|sgld:warm_up=1,burn_in=4"},
                 HasSubstr("--sampler burn_in = 4: with --epochs 2 "));
  expect_refusal({"--fixed", "ema=2"}, HasSubstr("as-given, what --fixed says: "));
  tune(basic({"--search", "embedding-dim=8,16", "--fixed", "quiet=yes"}));
}

TEST_F(TuneCommand, ATuningMayGoOnWithAnotherBuild) {
  const auto trial = [&] {
    return testing::read_file(folder_ / "tune" / "trial-001" / "trial.cfg");
  };
  tune(basic());
  const std::string before = trial();
  EXPECT_THAT(before, Not(HasSubstr("allow-changes")));
  tune({"--allow-changes"});
  EXPECT_EQ(trial(), before + "allow-changes = yes\n");
  Log log = Log::silent();
  const auto options = parse_dist_options({"--config", path("tune/trial-001/trial.cfg")}, log);
  EXPECT_TRUE(options->allow_changes);
  tune({});
  EXPECT_EQ(trial(), before);
}

// The trial as-given has what is fixed alone.
TEST_F(TuneCommand, OneVariantATrialWhateverIsFixedOrDrawn) {
  const Words rate{"--data", path("set"), "--search", "learning-rate=0.01..0.1:log"};
  const auto expect_refusal = [&](const Words& more, const std::string& message) {
    Words words = rate;
    words.insert(words.end(), more.begin(), more.end());
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { tune(words); });
  };
  expect_refusal({"--fixed", "variant=basic,one_layer"}, "variant=basic,one_layer is not one of");
  expect_refusal({"--fixed", "variant=all"}, "variant=all is not one of");
  expect_refusal({"--fixed", "variant=basik"}, "did you mean basic?");
  expect_refusal({"--search", "variant=basic,one_layer"}, "--fixed variant=NAME");
  expect_refusal({"--fixed", "variant=fm", "--search", "variant=fm|basic,one_layer"},
                 "variant=basic,one_layer is not one of");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tune"));
  Words drawn = rate;
  drawn.insert(drawn.end(), {"--fixed", "variant=fm", "--search", "variant=fm,basic"});
  EXPECT_THAT(tune(drawn), HasSubstr("2 options drawn"));
}

TEST_F(TuneCommand, ASetWithoutAValidationPartIsRefused) {
  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 400);
  expect_error(ErrorKind::input, HasSubstr("set: has no validation part, which alone decides"),
               [&] { tune(basic()); });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tune"));
}

TEST_F(TuneCommand, DrawsAPanelAnOption) {
  tune(basic({"--search", "embedding-dim=2,4", "--trials", "4", "--rungs", "1"}));
  for (const char* trial : {"as-given", "trial-001", "trial-002", "trial-003", "trial-004"}) {
    const std::string place = path(std::string("tune/") + trial);
    testing::run_dist(
        {1, 1, {"--config", place + "/trial.cfg", "--epochs", "1", "--run", place + "/epochs-1"}});
  }
  EXPECT_THAT(tune({"--table"}), AllOf(HasSubstr("trial-004"), HasSubstr("what matters"),
                                       Not(HasSubstr("not done yet"))));
  const std::string chart = testing::read_file(folder_ / "tune" / "trials.svg");
  EXPECT_THAT(chart,
              AllOf(HasSubstr("</svg>"), HasSubstr("learning-rate"), HasSubstr("embedding-dim"),
                    HasSubstr("validation RMSE after 1 epochs")));
  std::filesystem::remove(folder_ / "tune" / "trials.svg");
  const std::string search_path = std::getenv("PATH");
  // An entry that is a file changes nothing.
  setenv("PATH", (path("search") + ":" + path("tune/tuning.cfg")).c_str(), 1);
  EXPECT_THAT(tune({"--table"}), AllOf(HasSubstr("trial-004"), HasSubstr("what matters"),
                                       HasSubstr("warning: gnuplot is not installed")));
  setenv("PATH", search_path.c_str(), 1);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tune" / "trials.svg"));
}

}  // namespace
}  // namespace nnrec::app
