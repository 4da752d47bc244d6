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
