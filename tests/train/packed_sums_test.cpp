#include "nnrec/train/packed_sums.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

TEST(PackedSums, AreAsWideAsTheirWidestNumber) {
  const auto width = [](std::vector<std::int64_t> sums) { return int{packed_width(sums)}; };
  EXPECT_EQ(width({}), 1);
  EXPECT_EQ(width({0, 127, -128}), 1);
  EXPECT_EQ(width({0, 128}), 2);
  EXPECT_EQ(width({-129}), 2);
  EXPECT_EQ(width({std::int64_t{1} << 31}), 5);
  EXPECT_EQ(width({-(std::int64_t{1} << 31), 1}), 4);
  EXPECT_EQ(width({std::numeric_limits<std::int64_t>::max()}), 8);
  EXPECT_EQ(width({std::numeric_limits<std::int64_t>::min()}), 8);
}

TEST(PackedSums, AddWhatWasPackedAndWriteNothingElse) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 32U, 65U}) {
      std::vector<std::int64_t> sums;
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t size =
            (std::int64_t{1} << std::min(bits, 62)) - static_cast<std::int64_t>(i % 3);
        sums.push_back(i % 2 == 0 ? size : -size);
      }
      const std::uint8_t width = packed_width(sums);
      const std::byte untouched{0xa5};
      std::vector<std::byte> bytes(count * width + kPackedSlack, untouched);
      pack(sums, width, bytes.data());
      for (std::size_t i = count * width; i < bytes.size(); ++i) ASSERT_EQ(bytes[i], untouched);
      std::vector<std::int64_t> total(count, 5);
      add_packed(bytes.data(), width, total);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(static_cast<std::uint64_t>(total[i]), static_cast<std::uint64_t>(sums[i]) + 5);
      }
    }
  }
}

}  // namespace
}  // namespace nnrec::train
