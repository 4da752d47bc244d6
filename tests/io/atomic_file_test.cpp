#include "nnrec/io/atomic_file.hpp"

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

TEST(AtomicFile, AMissingFolderIsNamed) {
  const testing::TemporaryFolder folder;
  expect_error(ErrorKind::io, ::testing::HasSubstr("nowhere"),
               [&] { write_atomically(folder / "nowhere/a", [](const auto&) {}); });
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
