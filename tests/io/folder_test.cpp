#include "nnrec/io/folder.hpp"

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

TEST(MadeFolder, SaysWhetherItWasMissing) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "some" / "where";
  EXPECT_TRUE(make_folder(path));
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_FALSE(make_folder(path));
}

TEST(MadeFolder, NamesWhatCannotBeMade) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "file";
  testing::write_file(file, "");
  testing::expect_error(
      ErrorKind::io,
      ::testing::StartsWith("--run " + (file / "in").string() + ": cannot be made: "),
      [&] { make_folder(file / "in", "--run "); });
}

}  // namespace
}  // namespace nnrec::io
