#include "nnrec/io/resolved_path.hpp"

#include <array>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

namespace fs = std::filesystem;

TEST(ResolvedPath, OneFolderHasOnePathHoweverItIsWritten) {
  const testing::TemporaryFolder folder;
  const fs::path base = fs::canonical(folder.path());
  fs::create_directories(base / "runs/first");
  fs::create_directory_symlink(base / "runs", base / "link");
  for (const char* written :
       {"runs/first", "runs/first/", "runs/./first", "runs/first/..//first", "link/first"})
    EXPECT_EQ(resolved_path(base / written), base / "runs/first") << written;
}

TEST(ResolvedPath, WhatIsNotThereYetHasAPathToo) {
  const testing::TemporaryFolder folder;
  const fs::path base = fs::canonical(folder.path());
  EXPECT_EQ(resolved_path(base / "later/../runs/first/"), base / "runs/first");
  EXPECT_EQ(resolved_path("later"), fs::current_path() / "later");
}

TEST(ResolvedPath, ALinkToWhatIsNotThereYetIsFollowed) {
  const testing::TemporaryFolder folder;
  const fs::path base = fs::canonical(folder.path());
  fs::create_symlink("second", base / "first");
  fs::create_symlink(base / "later/file", base / "second");
  EXPECT_EQ(resolved_path(base / "first"), base / "later/file");
  fs::create_symlink("round", base / "round");
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("cannot be found"),
                        [&] { resolved_path(base / "round"); });
}

TEST(ResolvedPath, APipeWithoutAPathIsAsItIsWritten) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  for (const char* folder : {"/dev/fd", "/proc/self/fd"}) {
    const fs::path path = fs::path(folder) / std::to_string(ends[1]);
    EXPECT_EQ(resolved_path(path), path);
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace nnrec::io
