#include "nnrec/io/sealed_write.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/sha256.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "io/side_threads.hpp"
#include "support/damage.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;

constexpr std::size_t kBlock = std::size_t{1} << 22;

std::string some_bytes(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return bytes;
}

Extent at(std::uint64_t first, const std::string& bytes) {
  return {first, std::as_bytes(std::span(bytes))};
}

/// As FORMAT.md has it.
std::string digest_by_blocks(const std::string& content) {
  Sha256 all;
  for (std::size_t begin = 0; begin < content.size(); begin += kBlock) {
    Sha256 block;
    block.update(content.substr(begin, kBlock));
    const Sha256Digest digest = block.digest();
    all.update(digest);
  }
  return all.hex_digest();
}

class SealedWriteTest : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "a";
};

TEST_F(SealedWriteTest, ASmallFilesSealIsTheDigestOfADigest) {
  testing::write_file(path_, "a");
  const std::string rest = "bc";
  EXPECT_EQ(SealedWrite(path_, {at(1, rest)}).finish(),
            "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358");
  EXPECT_EQ(testing::read_file(path_),
            "abcnnrec-seal-2 sha256 "
            "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6"
            "c6358\n");
}

TEST_F(SealedWriteTest, WritesEachExtentInItsPlaceAndLeavesOtherBytes) {
  // Extents that touch within a block, end amid one, and leave a gap; in no order.
  const std::string first = some_bytes(2 * kBlock + 12345, 1);
  const std::string second = some_bytes(kBlock + 777, 2);
  const std::string third = some_bytes(3 * kBlock + 1, 3);
  const std::string none;
  const std::size_t head = 1001;
  const std::size_t gap = 4099;
  const std::size_t third_first = head + first.size() + second.size() + gap;
  std::string content = some_bytes(third_first + third.size() + 50, 4);
  testing::write_file(path_, content);
  SealedWrite write(path_, {at(third_first, third), at(head, first), at(5, none),
                            at(head + first.size(), second)});
  const std::string digest = write.finish();
  content.replace(head, first.size() + second.size(), first + second);
  content.replace(third_first, third.size(), third);
  EXPECT_EQ(digest, digest_by_blocks(content));
  EXPECT_TRUE(testing::read_file(path_) == content + "nnrec-seal-2 sha256 " + digest + "\n");
  EXPECT_EQ(check_seal(path_), digest);
  EXPECT_EQ(stated_digest(path_), digest);
  for (std::size_t offset = 17; offset < content.size(); offset += kBlock / 3) {
    testing::flip_byte(path_, offset);
    expect_error(ErrorKind::input, AllOf(HasSubstr(path_.string()), HasSubstr("is damaged")),
                 [&] { check_seal(path_); });
    testing::flip_byte(path_, offset);
  }
  EXPECT_EQ(check_seal(path_), digest);
}

TEST_F(SealedWriteTest, HashesWhatOthersWriteMeanwhile) {
  const std::string bulk = some_bytes(2 * kBlock, 5);
  testing::write_file(path_, std::string(100, 'x'));
  SealedWrite write(path_, {at(100, bulk)});
  testing::write_byte(path_, 3, 'y');
  std::string content = std::string(100, 'x') + bulk;
  content[3] = 'y';
  EXPECT_EQ(write.finish(), digest_by_blocks(content));
}

TEST_F(SealedWriteTest, WhatTheDeviceRefusesIsSaidByName) {
  for (const std::size_t size : {std::size_t{10}, 5 * kBlock}) {
    const std::string bulk = some_bytes(size, 6);
    expect_error(ErrorKind::io, AllOf(HasSubstr("/dev/full"), HasSubstr("No space left")),
                 [&] { SealedWrite("/dev/full", {at(0, bulk)}).finish(); });
    expect_error(ErrorKind::io, HasSubstr("nowhere"),
                 [&] { SealedWrite(folder_ / "nowhere", {at(0, bulk)}).finish(); });
    { const SealedWrite left("/dev/full", {at(0, bulk)}); }  // as when something else failed
  }
}

TEST(SideThreads, TakeEachPieceOnceAndStopAtAFailure) {
  std::vector<int> taken(1000);
  for_each_piece(taken.size(), 4, [&](std::size_t piece, std::size_t thread) {
    EXPECT_LT(thread, 4U);
    ++taken[piece];
  });
  EXPECT_EQ(std::ranges::count(taken, 1), 1000);
  std::vector<int> tried(1000);
  EXPECT_THROW(for_each_piece(tried.size(), 3,
                              [&](std::size_t piece, std::size_t) {
                                ++tried[piece];
                                throw std::runtime_error("no");
                              }),
               std::runtime_error);
  EXPECT_LE(std::ranges::count(tried, 1), 3);
}

}  // namespace
}  // namespace nnrec::io
