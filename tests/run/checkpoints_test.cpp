#include "nnrec/run/checkpoints.hpp"

#include <cerrno>

#include <gtest/gtest.h>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"
#include "support/failing_reads.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using testing::expect_error;
using ::testing::HasSubstr;

/// A run with checkpoints at steps 5, 10 and 15.
class Checkpoints : public testing::DistFixture {
 protected:
  Checkpoints() { train("run", "basic", 3); }

  /// Steps of the newest valid ones; what is logged goes to `log`.
  std::vector<std::uint64_t> newest_steps(std::size_t count) {
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    std::vector<std::uint64_t> steps;
    for (const auto& valid : newest_valid(folder_ / "run", "basic", count, log))
      steps.push_back(valid.head.progress.step);
    return steps;
  }
  std::string log() const { return testing::read_file(folder_ / "log"); }
};

using Steps = std::vector<std::uint64_t>;

TEST_F(Checkpoints, AreFoundByTheirNamesOldestFirst) {
  const fs::path checkpoints = folder_ / "run" / "checkpoints";
  for (const char* other :
       {"basic-step-12.h5.refused", "basic-step-.h5", "basic-step-1x.h5", ".basic-step-3.h5",
        "basic2-step-0000000003.h5", "one_layer-step-0000000003.h5"})
    testing::write_file(checkpoints / other, "");
  EXPECT_EQ(saved_steps("run", "basic"), (Steps{5, 10, 15}));
  EXPECT_EQ(saved_steps("nowhere", "basic"), Steps{});
  EXPECT_EQ(checkpoint_path(folder_ / "run", "basic", 5), checkpoints / "basic-step-0000000005.h5");
}

TEST_F(Checkpoints, TheNewestValidOnesComeFirst) {
  EXPECT_EQ(newest_steps(2), (Steps{15, 10}));
  EXPECT_EQ(newest_steps(9), (Steps{15, 10, 5}));
  testing::flip_byte(newest("run", "basic"), 300);
  EXPECT_EQ(newest_steps(1), Steps{10});
  EXPECT_THAT(log(), HasSubstr("checkpoint refused: " + newest("run", "basic").string()));
}

TEST_F(Checkpoints, ARenamedOneIsRefused) {
  fs::copy(newest("run", "basic"), checkpoint_path(folder_ / "run", "basic", 20));
  EXPECT_EQ(newest_steps(1), Steps{15});
  EXPECT_THAT(log(), HasSubstr("holds step 15 of basic: it was renamed"));
}

// Its folder may lie on a disk that is not mounted; what was trained is not to be trained again.
TEST_F(Checkpoints, OneThatCannotBeOpenedIsNotTakenForDamaged) {
  const fs::path path = newest("run", "basic");
  fs::remove(path);
  fs::create_symlink(folder_ / "not-mounted" / "checkpoint.h5", path);
  expect_error(ErrorKind::io,
               HasSubstr(path.string() + ": cannot be opened: No such file or directory"),
               [&] { newest_steps(1); });
}

TEST_F(Checkpoints, OneWhoseReadFailsIsNotTakenForDamaged) {
  const fs::path path = newest("run", "basic");
  {
    const testing::FailingReads failing(path, EIO);
    expect_error(ErrorKind::io, HasSubstr(path.string() + ": cannot be read: Input/output error"),
                 [&] { newest_steps(1); });
  }
  EXPECT_EQ(log(), "") << "nothing is refused";
  EXPECT_EQ(newest_steps(1), Steps{15});
}

// Another program's: to go on from the one before it would lose what it holds.
TEST_F(Checkpoints, OneOfAnotherVersionIsNotTakenForDamaged) {
  const fs::path path = checkpoint_path(folder_ / "run", "basic", 20);
  {
    io::H5Writer file(path);
    file.attribute("kind", std::string("nnrec checkpoint"));
    file.attribute("schema_version", std::int64_t{999});
    file.close();
  }
  io::append_seal(path);
  expect_error(ErrorKind::input,
               ::testing::AllOf(HasSubstr(path.string() + ": checkpoint schema 999"),
                                HasSubstr("as it was saved"), HasSubstr("move it out")),
               [&] { newest_steps(1); });
  testing::flip_byte(path, 100);
  EXPECT_EQ(newest_steps(1), Steps{15}) << "damaged, too";
}

// A job that trains there removes what another one has just listed.
TEST_F(Checkpoints, WhatIsRemovedMeanwhileIsNotRefused) {
  const auto found = find_checkpoints(folder_ / "run", "basic");
  fs::remove(found.back().path);
  Log log = Log::silent();
  log.open_file(folder_ / "log");
  const auto valid = newest_valid(folder_ / "run", "basic", found, 1, log);
  ASSERT_EQ(valid.size(), 1U);
  EXPECT_EQ(valid[0].head.progress.step, 10U);
  EXPECT_EQ(this->log(), "");
  for (const auto& saved : found) fs::remove(saved.path);
  EXPECT_TRUE(newest_valid(folder_ / "run", "basic", found, 1, log).empty());
}

TEST_F(Checkpoints, WhereAllAreRefusedThereIsNothingToGoOnFrom) {
  for (const auto& saved : find_checkpoints(folder_ / "run", "basic"))
    fs::resize_file(saved.path, 100);
  expect_error(ErrorKind::input, HasSubstr("no checkpoint of basic is valid"),
               [&] { newest_steps(1); });
}

}  // namespace
}  // namespace nnrec::run
