#include "nnrec/io/staged_folder.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;
using testing::expect_error;

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

TEST(StagedFolder, LeftoversOfAKilledProcessAreRemoved) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / ".set.partial");
  testing::write_file(folder / ".set.partial/half", "half");
  testing::write_file(folder / ".set.partial/lock", "");
  StagedFolder staged(folder / "set");
  staged.publish();
  EXPECT_TRUE(fs::is_empty(folder / "set"));
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
