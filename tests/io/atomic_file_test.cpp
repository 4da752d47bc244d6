#include "nnrec/io/atomic_file.hpp"

#include <thread>

#include <sys/stat.h>

#include "nnrec/base/file_handle.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using testing::expect_error;

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(AtomicFile, NewContentReplacesTheOld) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a", "old");
  write_atomically(folder / "a", [](const auto& path) { testing::write_file(path, "new"); });
  EXPECT_EQ(testing::read_file(folder / "a"), "new");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, AFailingWriterLeavesTheOldFileAndNothingElse) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a", "old");
  expect_error(ErrorKind::io, ::testing::HasSubstr("disk full"), [&] {
    write_atomically(folder / "a", [](const auto& path) {
      testing::write_file(path, "half");
      throw IoError("disk full");
    });
  });
  EXPECT_EQ(testing::read_file(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, AFailingWriterNamesTheFileThatIsWanted) {
  const testing::TemporaryFolder folder;
  expect_error(ErrorKind::io,
               (folder / "a").string() + ": cannot be written (" + (folder / "a").string() + ")",
               [&] {
                 write_atomically(folder / "a", [](const auto& path) {
                   throw IoError("{}: cannot be written ({})", path.string(), path.string());
                 });
               });
}

TEST(AtomicFile, AMissingFolderIsNamed) {
  const testing::TemporaryFolder folder;
  expect_error(ErrorKind::io, ::testing::HasSubstr("nowhere"),
               [&] { write_atomically(folder / "nowhere/a", [](const auto&) {}); });
}

TEST(AtomicFile, ALinkStaysAndWhatItLeadsToIsReplaced) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "there");
  testing::write_file(folder / "there/a", "old");
  std::filesystem::create_symlink("there/a", folder / "link");
  std::filesystem::create_symlink("there/none", folder / "hanging");
  write_text_atomically(folder / "link", "new", Links::followed);
  write_text_atomically(folder / "hanging", "made", Links::followed);
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(testing::read_file(folder / "there/a"), "new");
  EXPECT_EQ(testing::read_file(folder / "there/none"), "made");
  // In a folder of the program's own, as of a run that was copied as links.
  write_text_atomically(folder / "link", "own");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(testing::read_file(folder / "there/a"), "new");
}

TEST(AtomicFile, AFolderInItsPlaceIsNamedBeforeAnythingIsWritten) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  expect_error(ErrorKind::io, ::testing::HasSubstr("is a folder; give the name of a file"),
               [&] { StagedFile(folder / "a"); });
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, AFileThatIsOpenIsNotReplacedByItsDescriptor) {
  const testing::TemporaryFolder folder;
  const FileHandle open(std::fopen((folder / "a").c_str(), "w"));
  const auto descriptor = fmt::format("/dev/fd/{}", ::fileno(open.get()));
  std::filesystem::create_symlink(descriptor, folder / "link");
  for (const std::string& path : {descriptor, (folder / "link").string()}) {
    expect_error(ErrorKind::usage, ::testing::HasSubstr("a file that is open already"),
                 [&] { write_text_atomically(path, "text", Links::followed); });
  }
}

TEST(AtomicFile, APipeOrDeviceIsWrittenIntoAndStays) {
  const testing::TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { write_text_atomically(pipe, "through"); });
  EXPECT_EQ(testing::read_file(pipe), "through");
  writer.join();
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  std::filesystem::create_symlink("/dev/null", folder / "null");
  write_text_atomically(folder / "null", "gone");
  EXPECT_TRUE(std::filesystem::is_character_file(folder / "null"));
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(ReadText, WhatIsNoFileIsNamedAndNotWaitedFor) {
  const testing::TemporaryFolder folder;
  expect_error(ErrorKind::input, ::testing::HasSubstr("is a folder, where a file belongs"),
               [&] { read_text(folder.path()); });
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::input, ::testing::HasSubstr("pipe: is no regular file, where a file"),
               [&] { read_text(folder / "pipe"); });
}

TEST(ReadText, WhatIsThereAndCannotBeReadIsNotTakenForNothing) {
  const testing::TemporaryFolder folder;
  const auto loop = folder / "loop";
  std::filesystem::create_symlink("loop", loop);
  expect_error(
      ErrorKind::io,
      ::testing::HasSubstr(loop.string() + ": cannot be read: Too many levels of symbolic links"),
      [&] { read_text(loop); });
}

TEST(ReadText, IsWhatWasWrittenAndNothingWhereThereIsNoFile) {
  const testing::TemporaryFolder folder;
  const std::string text("a\r\n\0b", 5);
  write_text_atomically(folder / "file", text);
  EXPECT_EQ(read_text(folder / "file"), text);
  EXPECT_EQ(read_text(folder / "none"), "");
}

}  // namespace
}  // namespace nnrec::io
