#include "nnrec/run/preflight.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Preflight : public testing::DistFixture {};

TEST_F(Preflight, SaysWhatARunWouldFindAndWritesNothing) {
  const std::string said =
      testing::run_dist({3, 1, arguments("run", "complex", 1, {"--preflight"})});
  EXPECT_THAT(said, HasSubstr("preflight of complex: 3 ranks on 2 nodes (1 or 2 ranks each)"));
  EXPECT_THAT(said, HasSubstr("the same on all ranks (data digest "));
  EXPECT_THAT(said, HasSubstr(": memory: complex needs "));
  EXPECT_THAT(said, HasSubstr("/dev/shm, where its 2 ranks share memory"));
  EXPECT_THAT(said, HasSubstr("checkpoints need "));
  EXPECT_THAT(said, HasSubstr("nothing stands in the way"));
  EXPECT_THAT(said, Not(HasSubstr("epoch")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

TEST_F(Preflight, OfCheckpointsToKeepThereAreNoMoreThanEpochs) {
  for (const char* all : {"1000000000", "9223372036854775807"}) {
    EXPECT_THAT(
        testing::run_dist({1, 1, arguments("run", "basic", 3, {"--preflight", "--keep", all})}),
        HasSubstr("nothing stands in the way"));
  }
}

TEST_F(Preflight, NamesPlacesThatCannotBeWrittenAndStartsThatAreNone) {
  const auto refused = [&](const Words& more, const std::string& line) {
    std::string said;
    testing::expect_error(ErrorKind::io, HasSubstr("of these would stop the run"), [&] {
      Words words = arguments("run", "one_layer", 2, {"--preflight"});
      words.insert(words.end(), more.begin(), more.end());
      testing::run_dist({2, 1, words}, said);
    });
    EXPECT_THAT(said, HasSubstr("FAIL " + line));
  };
  const std::string nowhere = (folder_ / "nowhere" / "file").string();
  testing::write_file(folder_ / "file", "");
  refused({"--trace", nowhere}, "--trace " + nowhere);
  refused({"--json-log", nowhere}, "--json-log " + nowhere);
  const std::string below = (folder_ / "file" / "logs").string();
  refused({"--logdir", below}, "--logdir " + below + ": cannot be made");
  refused({"--resume", nowhere}, nowhere);
  refused({"--warm-start", nowhere}, nowhere + ": is not there");
  refused({"--logdir", (folder_ / "file").string()}, "--logdir ");
  refused({"--json-log", folder_.path().string()}, "--json-log ");
  train("run", "one_layer", 1);
  refused({"--learning-rate", "0.5"}, newest("run", "one_layer").string() + ": made with other");
  refused({"--resume", "never"}, "--resume never: --run ");
  train("other", "basic", 1);
  refused({"--resume", newest("other", "basic").string()}, "--resume ");
  refused({"--warm-start", (folder_ / "run").string()}, "--warm-start ");
  testing::put_nan(newest("run", "one_layer"), "state/accumulator/user");
  refused({}, newest("run", "one_layer").string() + ": state/accumulator/user holds nan");
  std::filesystem::remove(newest("run", "one_layer"));
  refused({}, (folder_ / "run").string() + ": history.csv has 1 epochs");
  testing::write_file(folder_ / "run" / "history.csv", "something else\n");
  refused({}, (folder_ / "run" / "history.csv").string() + ":1:1: header");
}

// Before ratings are read nobody knows how many rows days and sittings have.
TEST_F(Preflight, LooksAtTheStateOfVariantsThatReadSessions) {
  const Words more{"--features", "day,sessions"};
  const auto look = [&](std::string& said) {
    Words words = arguments("run", "enriched", 2, more);
    words.emplace_back("--preflight");
    testing::run_dist({1, 1, words}, said);
  };
  train("run", "enriched", 1, more);
  std::string said;
  look(said);
  EXPECT_THAT(said, HasSubstr("nothing stands in the way"));
  testing::put_nan(newest("run", "enriched"), "state/accumulator/day");
  testing::expect_error(ErrorKind::io, HasSubstr("of these would stop"), [&] { look(said); });
  EXPECT_THAT(said, HasSubstr("state/accumulator/day holds nan in row 0"));
}

TEST_F(Preflight, TakesWhatARunTakes) {
  const std::string run = (folder_ / "run").string();
  const Words more{"--preflight", "--trace", run + "/t.json", "--json-log", run + "/./l.json"};
  EXPECT_THAT(testing::run_dist({2, 1, arguments("run", "one_layer", 2, more)}),
              HasSubstr("nothing stands in the way"));
  train("first", "one_layer", 1);
  EXPECT_THAT(
      testing::run_dist({1, 1,
                         arguments("run", "one_layer", 2,
                                   {"--preflight", "--warm-start", (folder_ / "first").string()})}),
      HasSubstr("nothing stands in the way"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
  const auto lock = folder_ / "first" / "lock";
  const std::string before = testing::read_file(lock);
  testing::write_file(lock, before + " ");
  testing::run_dist({1, 1, arguments("first", "one_layer", 2, {"--preflight"})});
  EXPECT_EQ(testing::read_file(lock), before + " ") << "nothing is written";
}

// Dense layers of some 80 GB.
TEST_F(Preflight, WhatWouldStopARunEndsItWithAnError) {
  testing::expect_error(ErrorKind::io, HasSubstr("of these would stop the run"), [&] {
    testing::run_dist({1, 1,
                       arguments("run", "one_layer", 1,
                                 {"--preflight", "--embedding-dim", "65536", "--hidden",
                                  "65536,65536,65536,65536"})});
  });
}

}  // namespace
}  // namespace nnrec::run
