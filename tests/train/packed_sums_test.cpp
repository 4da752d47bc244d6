#include "nnrec/train/packed_sums.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

TEST(PackedSums, AreAsWideAsTheirWidestNumber) {
  const auto width = [](std::vector<std::int64_t> sums) { return int{packing_of(sums).width}; };
  EXPECT_EQ(width({}), 1);
  EXPECT_EQ(width({0, 127, -128}), 1);
  EXPECT_EQ(width({0, 128}), 2);
  EXPECT_EQ(width({-129}), 2);
  EXPECT_EQ(width({std::int64_t{1} << 31}), 5);
  EXPECT_EQ(width({-(std::int64_t{1} << 31), 1}), 4);
  EXPECT_EQ(width({std::numeric_limits<std::int64_t>::max()}), 8);
  EXPECT_EQ(width({std::numeric_limits<std::int64_t>::min()}), 8);
}

TEST(PackedSums, LeaveZerosOutWhereThatIsShorter) {
  const auto bytes = [](std::size_t zeros, std::size_t others, std::int64_t size) {
    std::vector<std::int64_t> sums(zeros, 0);
    sums.resize(zeros + others, size);
    return packing_of(sums).bytes(sums.size());
  };
  EXPECT_EQ(bytes(0, 64, 300), 128U);
  EXPECT_EQ(bytes(4, 60, 300), 128U) << "a bit each is as long";
  EXPECT_EQ(bytes(5, 59, 300), 8U + 118U);
  EXPECT_EQ(bytes(32, 32, 70'000), 8U + 96U);
  EXPECT_EQ(bytes(9, 0, 0), 2U);
  EXPECT_EQ(bytes(1, 4095, 300), 2U * 4096) << "more than are counted";
  EXPECT_EQ(bytes(1000, 4094, 300), 637U + 2U * 4094);
}

/// What is added of one that was packed; nothing else is written.
void expect_added(const std::vector<std::int64_t>& sums, unsigned shift) {
  const RowPacking packing = packing_of(sums, shift);
  const std::size_t size = packing.bytes(sums.size());
  const std::byte untouched{0xa5};
  std::vector<std::byte> bytes(size + kPackedSlack, untouched);
  pack(sums, packing, bytes.data(), shift);
  for (std::size_t i = size; i < bytes.size(); ++i) ASSERT_EQ(bytes[i], untouched);
  std::vector<std::int64_t> total(sums.size(), 5);
  add_packed(bytes.data(), packing, total, shift);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    ASSERT_EQ(static_cast<std::uint64_t>(total[i]), static_cast<std::uint64_t>(sums[i]) + 5);
  }
}

/// Numbers around every width, as multiples of 2^shift; every `zeros`-th one is there, or none is
/// 0.
std::vector<std::int64_t> multiples(int bits, std::size_t count, unsigned shift,
                                    std::size_t zeros = 1) {
  std::vector<std::int64_t> sums;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t size =
        (std::int64_t{1} << std::min(bits, 62)) - static_cast<std::int64_t>(i % 3);
    sums.push_back(i % zeros != 0 ? 0 : (i % 2 == 0 ? size : -size) << shift);
  }
  return sums;
}

TEST(PackedSums, AddWhatWasPackedAndWriteNothingElse) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 32U, 65U, 200U}) {
      for (const std::size_t zeros : {1U, 2U, 5U, 300U}) {
        expect_added(multiples(bits, count, 0, zeros), 0);
      }
    }
  }
}

TEST(PackedSums, OfAGridCrossWithoutItsZeros) {
  for (const unsigned shift : {1U, 14U, 46U}) {
    for (int bits = 0; bits < 16; ++bits) {
      for (const std::size_t zeros : {1U, 3U}) {
        const auto sums = multiples(bits, 33, shift, zeros);
        EXPECT_EQ(packing_of(sums, shift).bytes(33),
                  packing_of(multiples(bits, 33, 0, zeros)).bytes(33));
        expect_added(sums, shift);
      }
    }
  }
}

TEST(PackedSums, PairsAddUpWhileTheirSumsAreWithin32Bits) {
  for (const unsigned shift : {0U, 3U, 30U}) {
    for (int bits = 0; bits < 30; ++bits) {
      for (const std::size_t count : {0U, 1U, 2U, 7U, 64U}) {
        const auto sums = multiples(bits, count, shift);
        std::vector<std::int64_t> negative;
        for (const std::int64_t sum : sums) negative.push_back(-sum);
        std::vector<std::int64_t> words((count + 1) / 2, 77);
        std::vector<std::int64_t> more(words.size(), 78);
        const std::uint64_t bound = pack_pairs(sums, shift, words);
        EXPECT_GE(bound, count == 0 ? 0 : std::uint64_t{1} << bits);
        EXPECT_LE(bound, std::uint64_t{2} << bits);
        pack_pairs(negative, shift, more);
        std::vector<std::int64_t> total(count, 5);
        for (std::size_t i = 0; i < words.size(); ++i) words[i] += words[i] + more[i];
        unpack_pairs(words, shift, total);
        EXPECT_EQ(total, sums) << "sums + sums - sums";
      }
    }
  }
}

TEST(PackedSums, ABoundTellsThatAPairDoesNotFit) {
  for (const std::int64_t wide : {std::int64_t{1} << 31, -(std::int64_t{1} << 40)}) {
    const std::vector<std::int64_t> sums{3, wide, 4};
    std::vector<std::int64_t> words(2);
    EXPECT_GE(pack_pairs(sums, 0, words), std::uint64_t{1} << 31);
  }
}

}  // namespace
}  // namespace nnrec::train
