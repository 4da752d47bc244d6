#include "nnrec/io/resolved_path.hpp"

#include <filesystem>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nnrec::io
