#include "nnrec/io/resolved_path.hpp"

#include <filesystem>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nnrec::io
