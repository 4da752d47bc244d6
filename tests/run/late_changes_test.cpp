#include "run/late_changes.hpp"

#include <gmock/gmock.h>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;

class LateChanges : public testing::DistFixture {
 protected:
  /// From here on "run" was trained so, for so many epochs.
  void begin(int epochs, const Words& words) {
    fs::remove_all(folder_ / "run");
    train("run", variant_, epochs, words);
    done_ = epochs;
    digest_ = testing::digests(go_on(words));
  }
  /// By one epoch, in a copy.
  std::string go_on(const Words& words) const {
    fs::copy(folder_ / "run", folder_ / "copy", fs::copy_options::recursive);
    const std::string output = train("copy", variant_, done_ + 1, words);
    fs::remove_all(folder_ / "copy");
    return output;
  }
  void expect_too_late(const std::string& line, Words words) const {
    words.emplace_back("--allow-changes");
    testing::expect_error(ErrorKind::usage, HasSubstr(line + ": would change nothing from here on"),
                          [&] { train("run", variant_, done_ + 1, words); });
  }
  /// Returns the digest that the change leads to.
  std::string expect_taken(const std::string& line, Words words) const {
    words.emplace_back("--allow-changes");
    const std::string output = go_on(words);
    EXPECT_THAT(output, HasSubstr(line));
    return testing::digests(output);
  }
  void expect_changes(const std::string& line, const Words& words) const {
    EXPECT_NE(expect_taken(line, words), digest_) << line;
  }

  const std::string variant_ = "basic";
  int done_ = 0;
  std::string digest_;  ///< of one epoch more without a change
};

TEST_F(LateChanges, AWarmUpThatIsOverIsNoChange) {
  begin(3, {});  // 15 steps
  expect_too_late("warm-up = 2epochs, was none", {"--warm-up", "2epochs"});
  expect_too_late("warm-up = 16steps, was none", {"--warm-up", "16steps"});
  expect_too_late("warm-up = 3.2epochs, was none", {"--warm-up", "3.2epochs"});
  expect_changes("warm-up = 17steps, was none", {"--warm-up", "17steps"});
  expect_changes("warm-up = 3.3epochs, was none", {"--warm-up", "3.3epochs"});
  begin(3, {"--warm-up", "4epochs"});
  expect_changes("warm-up = none, was 4epochs", {});
  expect_changes("warm-up = 2epochs, was 4epochs", {"--warm-up", "2epochs"});
}

TEST_F(LateChanges, AScheduleThatHasComeToItsEndIsNoChange) {
  const auto over = [](const std::string& schedule) { return Words{"--rate-schedule", schedule}; };
  begin(3, over("linear:over=2,end=0.1"));
  const std::string was = ", was linear:over=2,end=0.1";
  expect_too_late("rate-schedule = linear:over=3,end=0.1" + was, over("linear:over=3,end=0.1"));
  expect_too_late("rate-schedule = cosine:over=1,end=0.1" + was, over("cosine:over=1,end=0.1"));
  expect_changes("rate-schedule = linear:over=4,end=0.1" + was, over("linear:over=4,end=0.1"));
  expect_changes("rate-schedule = linear:over=2,end=0.2" + was, over("linear:over=2,end=0.2"));
  expect_changes("rate-schedule = constant" + was, {});
  begin(3, over("step:every=9"));
  expect_taken("rate-schedule = step:every=8", over("step:every=8"));
  begin(3, over("linear:over=2,end=0"));
  Words still = over("linear:over=2,end=0");
  still.insert(still.end(), {"--learning-rate", "0.2"});
  expect_too_late("learning-rate = 0.2, was 0.1", still);
}

// Before anything is averaged: a mean of models that were drawn otherwise begins anew.
TEST_F(LateChanges, StretchesOfSamplingThatAreOverAreNoChange) {
  const auto with = [](const std::string& sampler) {
    return Words{"--learning-rate", "0.03", "--optimizer", "adam",
                 "--biases",        "yes",  "--sampler",   "sgld:step=0.05," + sampler};
  };
  const std::string line = "sampler = sgld:step=0.05,";
  Words first = with("warm_up=1,burn_in=5,ramp=2,resample_from=2");
  first.insert(first.end(), {"--keep", "1000"});
  train("run", variant_, 6, first);
  done_ = 5;
  digest_ = testing::digests(go_on(first));
  fs::remove(newest("run", variant_));
  for (const char* same :
       {"warm_up=2,burn_in=5,ramp=2,resample_from=2", "warm_up=4,burn_in=5,ramp=2,resample_from=2",
        "warm_up=1,burn_in=5,ramp=5,resample_from=2", "warm_up=1,burn_in=5,ramp=2,resample_from=6"})
    expect_too_late("", with(same));
  for (const char* other :
       {"warm_up=5,burn_in=5,ramp=2,resample_from=2", "warm_up=1,burn_in=5,ramp=6,resample_from=2"})
    expect_changes(line, with(other));
  for (const char* other :
       {"warm_up=1,burn_in=5,ramp=2,resample_from=7", "warm_up=1,burn_in=4,ramp=2,resample_from=2"})
    expect_taken(line, with(other));
  train("run", variant_, 7, first);
  done_ = 7;
  expect_taken("the mean of sampled models begins anew",
               with("warm_up=2,burn_in=5,ramp=2,resample_from=2"));
}

TEST_F(LateChanges, AnOptimiserWithoutItsStateIsRefusedWithTheWayOut) {
  begin(2, {"--optimizer", "momentum", "--learning-rate", "0.01"});
  const auto expect_refused = [&](const Words& words, const auto& message) {
    Words all = words;
    all.insert(all.end(), {"--allow-changes"});
    testing::expect_error(
        ErrorKind::usage,
        AllOf(message, HasSubstr("cannot be taken up on the way"), HasSubstr("--warm-start")),
        [&] { train("run", variant_, done_ + 1, all); });
  };
  expect_refused({"--optimizer", "adagrad"}, HasSubstr("needs accumulator/"));
  expect_refused({"--optimizer", "adam", "--learning-rate", "0.01"}, HasSubstr("optimizer = adam"));
  expect_refused(
      {"--optimizer", "momentum", "--learning-rate", "0.01", "--group", "user:optimizer=adagrad"},
      HasSubstr("group = user:"));
  expect_taken("optimizer = sgd, was momentum", {"--optimizer", "sgd", "--learning-rate", "0.01"});
}

}  // namespace
}  // namespace nnrec::run
