#include "nnrec/io/folder_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnrec/base/stopwatch.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

TEST(FolderLock, TheSecondIsToldWhoHoldsIt) {
  const testing::TemporaryFolder folder;
  const FolderLock first(folder.path(), 0);
  EXPECT_TRUE(first.holds());
  testing::expect_error(ErrorKind::usage,
                        ::testing::HasSubstr(fmt::format("in use by process {} on host", getpid())),
                        [&] { const FolderLock second(folder.path(), 0); });
}

TEST(FolderLock, AFileOfThatNameThatNoHolderWroteIsRefusedAndStays) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "lock", "package-lock: 1\n");
  const auto is_said = ::testing::HasSubstr((folder / "lock").string() + ": is not the file by");
  testing::expect_error(ErrorKind::usage, is_said,
                        [&] { const FolderLock lock(folder.path(), 0); });
  testing::expect_error(ErrorKind::usage, is_said,
                        [&] { FolderLock::require_free(folder.path()); });
  EXPECT_EQ(testing::read_file(folder / "lock"), "package-lock: 1\n");
  testing::write_file(folder / "lock", "");
  EXPECT_TRUE(FolderLock(folder.path(), 0).holds()) << "as a full disk leaves it";
}

TEST(FolderLock, IsFreeOnceItsHolderEnds) {
  const testing::TemporaryFolder folder;
  { const FolderLock first(folder.path(), 0); }
  EXPECT_TRUE(FolderLock(folder.path(), 0).holds());
}

TEST(FolderLock, AKilledHolderLeavesNoStaleLock) {
  const testing::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder.path(), 0);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(FolderLock(folder.path(), 0).holds());
}

TEST(FolderLock, WaitsForAHolderThatIsEnding) {
  const testing::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder.path(), 0);
    testing::write_file(folder / "taken", "");
    usleep(300'000);
    _exit(0);
  }
  while (!std::filesystem::exists(folder / "taken")) usleep(1000);
  EXPECT_TRUE(FolderLock(folder.path(), 60).holds());
  waitpid(child, nullptr, 0);
}

TEST(FolderLock, AFolderThatIsNotThereIsNamed) {
  const testing::TemporaryFolder folder;
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("missing/lock: cannot be made"),
                        [&] { const FolderLock lock(folder / "missing", 0); });
}

}  // namespace
}  // namespace nnrec::io
