#include "nnrec/train/row_order.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

RowBlocks blocks_of_sizes(const std::vector<std::size_t>& sizes) {
  std::vector<Range> blocks;
  std::size_t begin = 0;
  for (const std::size_t size : sizes) {
    blocks.push_back({begin, begin + size});
    begin += size;
  }
  return std::make_shared<const std::vector<Range>>(std::move(blocks));
}

std::vector<std::uint64_t> all_rows(const RowOrder& order, std::size_t count) {
  std::vector<std::uint64_t> rows(count);
  order.values(0, rows);
  return rows;
}

const RowBlocks kUneven = blocks_of_sizes({100, 37, 100, 1, 64, 98});  // 400

TEST(RowOrder, OfBlocksVisitsEachRowOnceAndKnowsWhere) {
  for (const std::size_t group : {1U, 2U, 4U, 16U}) {
    const RowOrder order = RowOrder::of_blocks(kUneven, 7, 3, group);
    auto rows = all_rows(order, 400);
    for (const Range& block : *kUneven) {
      std::vector<std::uint64_t> positions(block.size());
      order.positions(block.begin, positions);
      for (std::size_t row = 0; row < block.size(); ++row)
        EXPECT_EQ(rows[positions[row]], block.begin + row);
    }
    for (std::uint64_t position = 0; position < 400; ++position) {
      std::uint64_t one = 0;
      order.values(position, {&one, 1});
      EXPECT_EQ(one, rows[position]) << "whatever is asked for together";
    }
    std::ranges::sort(rows);
    std::vector<std::uint64_t> expected(400);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(rows, expected);
  }
}

TEST(RowOrder, OfBlocksAGroupsRowsStandTogetherMixed) {
  const RowBlocks even = blocks_of_sizes(std::vector<std::size_t>(8, 50));
  const RowOrder order = RowOrder::of_blocks(even, 7, 0, 2);
  const auto rows = all_rows(order, 400);
  for (std::size_t group = 0; group < 4; ++group) {
    std::set<std::uint64_t> blocks;
    std::size_t changes = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      blocks.insert(rows[group * 100 + i] / 50);
      if (i > 0 && rows[group * 100 + i] != rows[group * 100 + i - 1] + 1) ++changes;
    }
    EXPECT_EQ(blocks.size(), 2U);
    EXPECT_GT(changes, 90U) << "rows are permuted inside";
    const auto needed = order.blocks_of({group * 100, group * 100 + 1}, *even);
    EXPECT_TRUE(std::ranges::equal(needed, blocks));
  }
}

TEST(RowOrder, IsAFunctionOfSeedEpochAndBlocks) {
  const auto rows = [](std::uint64_t seed, std::uint64_t epoch) {
    return all_rows(RowOrder::of_blocks(kUneven, seed, epoch, 2), 400);
  };
  EXPECT_EQ(rows(1, 0), rows(1, 0));
  EXPECT_NE(rows(1, 0), rows(1, 1));
  EXPECT_NE(rows(1, 0), rows(2, 0));
  EXPECT_EQ(RowOrder::of_blocks(kUneven, 1, 0), RowOrder::of_blocks(kUneven, 1, 0));
  EXPECT_FALSE(RowOrder::of_blocks(kUneven, 1, 0) == RowOrder::of_blocks(kUneven, 1, 1));
  EXPECT_FALSE(RowOrder::of_blocks(kUneven, 1, 0) == RowOrder());
}

TEST(RowOrder, OfFilesNeedsTheBlocksThatOverlap) {
  const RowOrder files;
  EXPECT_EQ(files.blocks_of({99, 138}, *kUneven), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(files.blocks_of({100, 137}, *kUneven), (std::vector<std::size_t>{1}));
  EXPECT_EQ(RowOrder::shuffled(400, 1, 0).blocks_of({0, 1}, *kUneven).size(), 6U);
}

}  // namespace
}  // namespace nnrec::train
