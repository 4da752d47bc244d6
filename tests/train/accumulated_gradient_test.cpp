#include "nnrec/train/accumulated_gradient.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

nn::ParameterLayout small_layout() {
  nn::ParameterLayout layout;
  layout.add("user", 40, 3, nn::BlockKind::table, nn::InitialValues::zero);
  layout.add("weight", 2, 2, nn::BlockKind::dense, nn::InitialValues::zero);
  layout.add("title", 30, 5, nn::BlockKind::table, nn::InitialValues::zero);
  return layout;
}

/// A batch's gradient with memory of its own: rows first, first + step, ...
struct Batch {
  Batch(const nn::ParameterLayout& layout, std::uint32_t first, std::uint32_t step) {
    for (std::size_t i = 0; i < layout.dense_size(); ++i) dense.push_back(10 * first + i % 7);
    for (std::uint32_t row = first; row < 30; row += step) rows.push_back(row);
    for (std::size_t i = 0; i < 5 * rows.size(); ++i) sums.push_back(1000 * first + i);
  }
  SummedGradient<std::int64_t> gradient() const {
    return {dense, {{0, 3, rows, sums.data()}, {2, 5, rows, sums.data()}}};
  }
  std::vector<std::int64_t> dense;
  std::vector<std::uint32_t> rows;
  std::vector<std::int64_t> sums;
};

/// Sums by (row, col) of one table.
std::map<std::pair<std::uint32_t, std::size_t>, std::int64_t> opened(
    const SummedGradient<std::int64_t>::Table& table) {
  std::map<std::pair<std::uint32_t, std::size_t>, std::int64_t> elements;
  for (std::size_t slot = 0; slot < table.rows.size(); ++slot) {
    for (std::size_t c = 0; c < table.cols; ++c) {
      elements[{table.rows[slot], c}] += table.sums[slot * table.cols + c];
    }
  }
  return elements;
}

// An update of all rows finds those of the gradient by their order.
TEST(AccumulatedGradient, ItsRowsRise) {
  const auto layout = small_layout();
  const math::ThreadTeam team(2);
  AccumulatedGradient accumulated(layout, team);
  for (const std::uint32_t first : {20U, 3U, 11U, 0U}) {
    accumulated.add(Batch(layout, first, 4).gradient());
    for (const auto& table : accumulated.sum().tables) {
      EXPECT_EQ(std::ranges::adjacent_find(table.rows, std::greater_equal{}), table.rows.end());
    }
  }
}

TEST(AccumulatedGradient, HoldsTheSumOfEachRowOnce) {
  const auto layout = small_layout();
  const std::vector<Batch> batches{{layout, 0, 7}, {layout, 3, 2}, {layout, 1, 3}};
  for (const int threads : {1, 3}) {
    const math::ThreadTeam team(threads);
    AccumulatedGradient accumulated(layout, team);
    for (int round = 0; round < 2; ++round) {  // the second finds nothing of the first
      accumulated.clear();
      std::vector<std::int64_t> dense(layout.dense_size(), 0);
      std::array<std::map<std::pair<std::uint32_t, std::size_t>, std::int64_t>, 2> tables;
      for (const Batch& batch : batches) {
        accumulated.add(batch.gradient());
        for (std::size_t i = 0; i < dense.size(); ++i) dense[i] += batch.dense[i];
        for (std::size_t t = 0; t < 2; ++t) {
          for (const auto& [place, sum] : opened(batch.gradient().tables[t]))
            tables[t][place] += sum;
        }
      }
      const auto& sum = accumulated.sum();
      EXPECT_TRUE(std::ranges::equal(sum.dense, dense));
      for (std::size_t t = 0; t < 2; ++t) {
        EXPECT_EQ(opened(sum.tables[t]), tables[t]) << t;
        EXPECT_EQ(sum.tables[t].rows.size() * sum.tables[t].cols, tables[t].size())
            << "a row twice";
      }
      EXPECT_EQ(sum.tables[1].block, 2U);
    }
  }
}

}  // namespace
}  // namespace nnrec::train
