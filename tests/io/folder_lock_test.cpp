#include "nnrec/io/folder_lock.hpp"

#include <optional>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnrec/base/stopwatch.hpp"

#include "support/expect_error.hpp"
#include "support/failing_reads.hpp"
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

TEST(FolderLock, WhoComesToAFolderThatItsHolderIsRemovingGetsItAnew) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "run";
  std::optional<FolderLock> first(std::in_place, path, 0);
  EXPECT_TRUE(first->made_folder());
  const testing::WorkAtRead opened(path / "lock", [&] {
    first->remove_folder();
    first.reset();
  });
  const FolderLock second(path, 0);
  ASSERT_FALSE(first) << "the case needs a file that is removed when it is open";
  EXPECT_TRUE(second.is_in_place());
  EXPECT_TRUE(second.made_folder());
  testing::expect_error(ErrorKind::usage, ::testing::HasSubstr("is in use by process"),
                        [&] { const FolderLock third(path, 0); });
}

TEST(FolderLock, IsInPlaceUntilTheFolderOrItsFileIsRenamedOrRemoved) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "run";
  const auto moved = folder / "moved";
  FolderLock lock(path, 0);
  EXPECT_TRUE(lock.is_in_place());
  std::filesystem::rename(path, moved);
  EXPECT_FALSE(lock.is_in_place());
  EXPECT_EQ(lock.moved_to(), std::filesystem::canonical(moved));
  {
    const FolderLock other(path, 0);
    EXPECT_FALSE(lock.is_in_place()) << "another's";
    lock.remove_folder();
    EXPECT_TRUE(other.is_in_place());
  }
  std::filesystem::remove_all(path);
  std::filesystem::rename(moved, path);
  EXPECT_TRUE(lock.is_in_place()) << "as before";
  std::filesystem::rename(path / "lock", path / "lock.bak");
  EXPECT_FALSE(lock.is_in_place());
  EXPECT_EQ(lock.moved_to(), "");
  std::filesystem::remove_all(path);
  EXPECT_FALSE(lock.is_in_place());
  EXPECT_EQ(lock.moved_to(), "");
}

TEST(FolderLock, LeavesAFolderThatOthersWroteInto) {
  const testing::TemporaryFolder folder;
  FolderLock lock(folder / "run", 0);
  testing::write_file(folder / "run/notes", "");
  lock.remove_folder();
  EXPECT_TRUE(std::filesystem::exists(folder / "run/notes"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/lock"));
}

TEST(FolderLock, APlaceWhereNoFolderOrFileCanBeIsNamed) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "file", "");
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("--run " + (folder / "file").string()),
                        [&] { const FolderLock lock(folder / "file", 0, "--run "); });
  std::filesystem::create_directory(folder / "run");
  std::filesystem::create_symlink("missing/file", folder / "run/lock");
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("run/lock: cannot be made"),
                        [&] { const FolderLock lock(folder / "run", 0); });
}

}  // namespace
}  // namespace nnrec::io
