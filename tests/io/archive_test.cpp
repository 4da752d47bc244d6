#include "io/archive.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/archives.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;
using testing::Packed;

constexpr std::size_t kMembers = 100;

std::string name_of(std::size_t number) {
  return fmt::format("folder/mv_{:07}.txt", number);
}
/// Of different lengths, one longer than what is read ahead.
std::string text_of(std::size_t number) {
  return fmt::format("{}:\n", number) + std::string(number == 7 ? 600'000 : number * 37, 'x');
}

class ArchiveOfMany : public ::testing::TestWithParam<Packed> {
 protected:
  ArchiveOfMany() {
    std::vector<std::pair<std::string, std::string>> files;
    for (std::size_t number = 0; number < kMembers; ++number)
      files.emplace_back(name_of(number), text_of(number));
    testing::write_archive(path_, GetParam(), files);
  }
  testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "many";
};

TEST_P(ArchiveOfMany, MembersInOrderCostOnePass) {
  const Archive archive(path_);
  ASSERT_EQ(archive.members().size(), kMembers);
  for (std::size_t number = 0; number < kMembers; ++number) {
    EXPECT_EQ(read_all(*archive.open(name_of(number))), text_of(number)) << number;
  }
  EXPECT_EQ(archive.members_passed(), kMembers);
}

TEST_P(ArchiveOfMany, MembersInAnyOrderHaveTheirTexts) {
  const Archive archive(path_);
  for (std::size_t i = 0; i < kMembers; ++i) {
    const auto number = i * 37 % kMembers;
    EXPECT_EQ(read_all(*archive.open(name_of(number))), text_of(number)) << number;
  }
  const std::uint64_t passes = GetParam() == Packed::tar ? 1 : GetParam() == Packed::zip ? 3 : 5;
  EXPECT_LE(archive.members_passed(), passes * kMembers + 1);
}

TEST_P(ArchiveOfMany, AMemberThatIsReadInPartLeavesTheNextWhole) {
  const Archive archive(path_);
  EXPECT_EQ(read_head(*archive.open(name_of(7)), 10), text_of(7).substr(0, 10));
  EXPECT_EQ(read_all(*archive.open(name_of(8))), text_of(8));
  EXPECT_EQ(read_all(*archive.open(name_of(7))), text_of(7));
}

TEST_P(ArchiveOfMany, TwoMembersAreReadSideBySide) {
  const Archive archive(path_);
  const auto one = archive.open(name_of(7));
  const auto other = archive.open(name_of(9));
  EXPECT_EQ(read_head(*one, 5), text_of(7).substr(0, 5));
  EXPECT_EQ(read_all(*other), text_of(9));
  EXPECT_EQ(read_all(*one), text_of(7).substr(5));
}

TEST_P(ArchiveOfMany, ASourceOutlivesItsArchive) {
  std::unique_ptr<ByteSource> source;
  {
    const Archive archive(path_);
    source = archive.open(name_of(3));
  }
  EXPECT_EQ(read_all(*source), text_of(3));
}

INSTANTIATE_TEST_SUITE_P(Packings, ArchiveOfMany,
                         ::testing::Values(Packed::tar, Packed::tar_gz, Packed::zip));

TEST(Archive, TwoFilesOfOnePathAreRefused) {
  const testing::TemporaryFolder folder;
  for (const auto packed : {Packed::tar, Packed::tar_gz, Packed::zip}) {
    testing::write_archive(folder / "a", packed, {{"x", "first"}, {"y", "other"}, {"x", "later"}});
    expect_error(ErrorKind::input, HasSubstr("a: has x twice"), [&] { Archive(folder / "a"); });
  }
}

/// What a file holds, or what comes through a pipe.
std::string unpacked(const std::filesystem::path& path, bool piped) {
  if (piped) return read_all(*unpack_stream(open_file(path), path.filename().string()));
  return read_all(*Archive(path).open(""));
}

TEST(Archive, WhatStandsBehindACompressedFileIsNotLostInSilence) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a.gz";
  for (const auto* text : {"4,5,6\n", "BZh91AY"}) {
    testing::write_archive(path, Packed::gz, {{"", "1,2,3\n"}});
    const auto size = std::filesystem::file_size(path);
    std::ofstream(path, std::ios::app) << text;
    for (const bool piped : {false, true}) {
      expect_error(ErrorKind::input,
                   HasSubstr(fmt::format("a.gz: behind byte {} it is not compressed", size)),
                   [&] { unpacked(path, piped); });
    }
  }
}

TEST(Archive, ZerosBehindACompressedFileArePadding) {
  const testing::TemporaryFolder folder;
  testing::write_archive(folder / "a.gz", Packed::gz, {{"", "1,2,3\n"}});
  std::ofstream(folder / "a.gz", std::ios::app) << std::string(600'000, '\0');
  for (const bool piped : {false, true}) EXPECT_EQ(unpacked(folder / "a.gz", piped), "1,2,3\n");
}

TEST(Archive, ATarOfLongNamesIsJumpedIntoBeforeThem) {
  const testing::TemporaryFolder folder;
  const std::string deep = std::string(90, 'a') + "/" + std::string(90, 'b');
  for (const auto packed : {Packed::tar, Packed::tar_gz}) {
    testing::write_archive(folder / "a", packed, {{"x", "1"}, {deep + "/c", "2"}, {"z", "3"}});
    const Archive archive(folder / "a");
    for (int turn = 0; turn < 5; ++turn) {
      EXPECT_EQ(read_all(*archive.open("z")), "3");
      EXPECT_EQ(read_all(*archive.open(deep + "/c")), "2");
    }
  }
}

TEST(Archive, WhatIsNotThereIsNamed) {
  const testing::TemporaryFolder folder;
  testing::write_archive(folder / "a.zip", Packed::zip, {{"x", "1"}});
  const Archive archive(folder / "a.zip");
  expect_error(ErrorKind::input, HasSubstr("a.zip: has no file y"), [&] { archive.open("y"); });
}

TEST(Archive, AFileThatChangedMeanwhileIsSaid) {
  const testing::TemporaryFolder folder;
  testing::write_archive(folder / "a.zip", Packed::zip, {{"x", "1"}, {"y", "2"}});
  const Archive archive(folder / "a.zip");
  testing::write_archive(folder / "a.zip", Packed::zip, {{"x", "1"}});
  expect_error(ErrorKind::input, HasSubstr("has changed"), [&] { archive.open("y"); });
}

}  // namespace
}  // namespace nnrec::io
