#include "nnrec/io/file_stamp.hpp"

#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_file;

/// Sets the time of change of the content, which a program may: it tells nothing by itself.
void set_time(const fs::path& path, const timespec& time) {
  const timespec times[] = {time, time};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(FileStamp, AFileThatStaysHasOneStamp) {
  const TemporaryFolder folder;
  write_file(folder / "file", "abc");
  EXPECT_EQ(stamp_of(folder / "file"), stamp_of(folder / "file"));
  fs::create_symlink(folder / "file", folder / "link");
  EXPECT_EQ(stamp_of(folder / "file"), stamp_of(folder / "link"));
}

TEST(FileStamp, AReplacedFileHasAnotherEvenWithTheOldSizeAndTime) {
  const TemporaryFolder folder;
  write_file(folder / "file", "abc");
  set_time(folder / "file", {1'000'000, 5});
  const FileStamp before = stamp_of(folder / "file");
  write_file(folder / "other", "abd");
  set_time(folder / "other", {1'000'000, 5});
  fs::rename(folder / "other", folder / "file");
  EXPECT_NE(stamp_of(folder / "file"), before);
}

TEST(FileStamp, NanosecondsAndSizesCount) {
  const TemporaryFolder folder;
  write_file(folder / "file", "abc");
  set_time(folder / "file", {1'000'000, 5});
  const FileStamp first = stamp_of(folder / "file");
  set_time(folder / "file", {1'000'000, 6});
  const FileStamp later = stamp_of(folder / "file");
  EXPECT_NE(later, first);
  write_file(folder / "file", "abcd");
  set_time(folder / "file", {1'000'000, 6});
  EXPECT_NE(stamp_of(folder / "file"), later);
}

TEST(FileStamp, AFileThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("nothing: cannot be read: No such"),
                        [&] { stamp_of(folder / "nothing"); });
}

}  // namespace
}  // namespace nnrec::io
