#include "nnrec/io/sealed_file.hpp"

#include <cerrno>
#include <filesystem>

#include <sys/stat.h>

#include "nnrec/base/system.hpp"

#include "support/expect_error.hpp"
#include "support/failing_reads.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SealedFile, SealIsTheDigestOfAllBytesBefore) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a", "abc");
  const auto digest = append_seal(folder / "a");
  EXPECT_EQ(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(testing::read_file(folder / "a"), "abcnnrec-seal-1 sha256 " + digest + "\n");
  EXPECT_EQ(check_seal(folder / "a"), digest);
  EXPECT_TRUE(has_seal(folder / "a"));
}

TEST(SealedFile, EveryFlippedByteIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a";
  testing::write_file(path, "some content\n of a file");
  append_seal(path);
  const auto size = testing::read_file(path).size();
  for (std::size_t offset = 0; offset < size; ++offset) {
    testing::flip_byte(path, offset);
    expect_error(ErrorKind::input, HasSubstr(path.string()), [&] { check_seal(path); });
    testing::flip_byte(path, offset);
  }
  EXPECT_NO_THROW(check_seal(path));
}

TEST(SealedFile, EveryTruncationIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a";
  testing::write_file(path, "some content\n of a file");
  append_seal(path);
  const auto whole = testing::read_file(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    testing::write_file(path, whole.substr(0, size));
    expect_error(ErrorKind::input, HasSubstr(path.string()), [&] { check_seal(path); });
  }
}

TEST(SealedFile, MissingAndForeignFilesAndFoldersAreRefusedByName) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "foreign", std::string(500, 'x'));
  expect_error(ErrorKind::input, AllOf(HasSubstr("foreign"), HasSubstr("no seal")),
               [&] { check_seal(folder / "foreign"); });
  expect_error(ErrorKind::input, HasSubstr("missing"), [&] { check_seal(folder / "missing"); });
  expect_error(ErrorKind::input, HasSubstr("folder"), [&] { check_seal(folder.path()); });
  EXPECT_FALSE(has_seal(folder / "foreign"));
}

// A pipe without a writer would be waited for.
TEST(SealedFile, WhatIsNoFileIsRefusedByName) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mknod((folder / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
  std::filesystem::create_symlink(folder / "pipe", folder / "link");
  for (const auto& path :
       {folder / "pipe", folder / "socket", folder / "link", std::filesystem::path("/dev/zero")}) {
    const auto is_named = HasSubstr(path.string() + ": is a pipe, a socket or a device");
    expect_error(ErrorKind::input, is_named, [&] { check_seal(path); });
    expect_error(ErrorKind::input, is_named, [&] { stated_digest(path); });
  }
}

TEST(SealedFile, AReadThatFailsIsNoDamage) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a";
  testing::write_file(path, "some content\n of a file");
  append_seal(path);
  for (const int error : {EIO, ESTALE}) {
    const testing::FailingReads failing(path, error);
    const auto is_said =
        AllOf(HasSubstr(fmt::format("{}: cannot be read: {}", path.string(), system_reason(error))),
              HasSubstr("Try again"), Not(HasSubstr("Copy or make it again")));
    expect_error(ErrorKind::io, is_said, [&] { check_seal(path); });
    expect_error(ErrorKind::io, is_said, [&] { stated_digest(path); });
  }
  EXPECT_NO_THROW(check_seal(path));
}

}  // namespace
}  // namespace nnrec::io
