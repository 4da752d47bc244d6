#include "nnrec/io/staged_folder.hpp"

#include <optional>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;

TEST(StagedFolder, AppearsWholeAndReplacesTheOldOne) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / "set");
  testing::write_file(folder / "set/old", "old");
  {
    StagedFolder staged(folder / "set/");
    testing::write_file(staged.path() / "new", "new");
    EXPECT_TRUE(fs::exists(folder / "set/old"));
    staged.publish();
  }
  EXPECT_EQ(testing::read_file(folder / "set/new"), "new");
  EXPECT_FALSE(fs::exists(folder / "set/old"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "set"), {}), 1);
}

TEST(StagedFolder, WithoutPublishNothingIsLeft) {
  const testing::TemporaryFolder folder;
  {
    const StagedFolder staged(folder / "deep/set");
    testing::write_file(staged.path() / "new", "new");
  }
  EXPECT_TRUE(fs::is_empty(folder / "deep"));
}

TEST(StagedFolder, PlacesThatNoRenamingReachesAreRefusedBeforeTheWork) {
  // A mount point that every machine has.
  expect_error(ErrorKind::usage,
               AllOf(HasSubstr("/proc: is a mount point"), HasSubstr("/proc/set")),
               [] { const StagedFolder staged("/proc"); });
  const testing::TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  expect_error(ErrorKind::usage, HasSubstr(".: is the folder that this program is started in"),
               [] { const StagedFolder staged("."); });
  { const StagedFolder beneath("set"); }
  fs::current_path(before);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(StagedFolder, AParentThatRefusesIsNamed) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "file", "");
  expect_error(ErrorKind::io, HasSubstr((folder / "file").string() + ": cannot make .set.partial"),
               [&] { const StagedFolder staged(folder / "file/set"); });
}

TEST(StagedFolder, LeftoversOfAKilledProcessAreRemoved) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / ".set.partial");
  testing::write_file(folder / ".set.partial/half", "half");
  testing::write_file(folder / ".set.partial/lock", "");
  StagedFolder staged(folder / "set");
  staged.publish();
  EXPECT_TRUE(fs::is_empty(folder / "set"));
}

TEST(StagedFolder, WhatAKilledReplacementSetAsideComesBack) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / ".set.partial-old");
  testing::write_file(folder / ".set.partial-old/old", "old");
  { const StagedFolder staged(folder / "set"); }
  EXPECT_EQ(testing::read_file(folder / "set/old"), "old");
  EXPECT_FALSE(fs::exists(folder / ".set.partial-old"));
}

TEST(StagedFolder, WhatAReplacementSetAsideGoesWhenTheNewOneIsThere) {
  const testing::TemporaryFolder folder;
  for (const char* name : {".set.partial-old", "set"}) {
    fs::create_directory(folder / name);
    testing::write_file(folder / name / "file", name);
  }
  { const StagedFolder staged(folder / "set"); }
  EXPECT_EQ(testing::read_file(folder / "set/file"), "set");
  EXPECT_FALSE(fs::exists(folder / ".set.partial-old"));
}

TEST(StagedFolder, TwoRenamesReplaceWhereFoldersCannotBeExchanged) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"new", "set"}) {
    fs::create_directory(folder / name);
    testing::write_file(folder / name / "file", name);
  }
  replace_by_renames(folder / "new", folder / "set", folder / "aside");
  EXPECT_EQ(testing::read_file(folder / "set/file"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  // The second rename fails: what was there is there again.
  expect_error(ErrorKind::io, ::testing::HasSubstr("cannot be put in place"),
               [&] { replace_by_renames(folder / "none", folder / "set", folder / "aside"); });
  EXPECT_EQ(testing::read_file(folder / "set/file"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(StagedFolder, AFailingWriterNamesTheFileThatIsWanted) {
  const testing::TemporaryFolder folder;
  const StagedFolder staged(folder / "set");
  expect_error(ErrorKind::io, (folder / "set/shard").string() + ": disk full", [&] {
    staged.write([&] { throw IoError("{}: disk full", (staged.path() / "shard").string()); });
  });
}

TEST(StagedFolder, ThatIsNoLongerItsOwnIsNeitherPublishedNorRemoved) {
  const testing::TemporaryFolder folder;
  std::optional<StagedFolder> first(std::in_place, folder / "set");
  fs::remove_all(first->path());
  StagedFolder second(folder / "set");
  testing::write_file(second.path() / "new", "new");
  expect_error(ErrorKind::io, ::testing::HasSubstr("was removed or renamed while"),
               [&] { first->publish(); });
  first.reset();
  second.publish();
  EXPECT_EQ(testing::read_file(folder / "set/new"), "new");
}

TEST(StagedFolder, TwoWritersOfOneFolderAreRefused) {
  const testing::TemporaryFolder folder;
  const StagedFolder first(folder / "set");
  expect_error(ErrorKind::usage, ::testing::HasSubstr("is in use by process"),
               [&] { const StagedFolder second(folder / "set"); });
  EXPECT_TRUE(fs::exists(first.path()));
}

}  // namespace
}  // namespace nnrec::io
