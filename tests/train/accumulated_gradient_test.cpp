#include "nnrec/train/accumulated_gradient.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

constexpr std::size_t kDense = 4;
constexpr std::array<AccumulatedGradient::TableSize, 2> kTables{{{40, 3, 40}, {300, 5, 150}}};

/// A batch's gradient with memory of its own: rows first, first + step, ... of each table.
struct Batch {
  Batch(std::uint32_t first, std::uint32_t step) {
    for (std::size_t i = 0; i < kDense; ++i) dense.push_back(10 * first + i % 7);
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::uint32_t row = first; row < kTables[t].rows && rows[t].size() < 50; row += step)
        rows[t].push_back(row);
      for (std::size_t i = 0; i < kTables[t].cols * rows[t].size(); ++i)
        sums[t].push_back(1000 * first + i);
    }
  }
  SummedGradient<std::int64_t> gradient() const {
    return {dense, {{0, 3, rows[0], sums[0].data()}, {2, 5, rows[1], sums[1].data()}}};
  }
  std::vector<std::int64_t> dense;
  std::array<std::vector<std::uint32_t>, 2> rows;
  std::array<std::vector<std::int64_t>, 2> sums;
};

using Sums = std::map<std::pair<std::uint32_t, std::size_t>, std::int64_t>;

/// Adds the sums by (row, col) of one table.
void open(const SummedGradient<std::int64_t>::Table& table, Sums& elements) {
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    for (std::size_t c = 0; c < table.cols; ++c) elements[{table.rows[i], c}] += table.row(i)[c];
  }
}
Sums opened(const SummedGradient<std::int64_t>::Table& table) {
  Sums elements;
  open(table, elements);
  return elements;
}

/// What an element by element addition of the batches gives.
struct Twin {
  explicit Twin(const std::vector<Batch>& batches) {
    for (const Batch& batch : batches) {
      for (std::size_t i = 0; i < kDense; ++i) dense[i] += batch.dense[i];
      for (std::size_t t = 0; t < 2; ++t) open(batch.gradient().tables[t], tables[t]);
    }
  }
  std::array<std::int64_t, kDense> dense{};
  std::array<Sums, 2> tables;
};

void expect_sum(const AccumulatedGradient::Gradient& sum, const Twin& twin) {
  EXPECT_TRUE(std::ranges::equal(sum.dense, twin.dense));
  for (std::size_t t = 0; t < 2; ++t) {
    const auto& table = sum.tables[t];
    EXPECT_EQ(opened(table), twin.tables[t]) << t;
    EXPECT_EQ(table.rows.size() * table.cols, twin.tables[t].size()) << "a row twice";
    // An update of all rows finds those of the gradient by their order.
    EXPECT_EQ(std::ranges::adjacent_find(table.rows, std::greater_equal{}), table.rows.end());
    std::int64_t all = 0;
    for (const auto& [place, element] : twin.tables[t]) all += element;
    EXPECT_EQ(std::reduce(table.elements().begin(), table.elements().end()), all);
  }
  EXPECT_EQ(sum.tables[1].block, 2U);
}

/// Groups of batches, one after the other: nothing of a group is left in the next.
void check_groups(comm::Communicator& ranks, int threads) {
  const Station station = Station::of(ranks);
  const math::ThreadTeam team(threads);
  AccumulatedGradient accumulated(kDense, kTables, ranks, station, team);
  const std::vector<std::vector<Batch>> groups{
      {{0, 7}, {3, 2}, {1, 3}}, {{20, 4}, {3, 4}, {11, 4}}, {{39, 1}, {299, 1}, {0, 1}}, {{2, 5}}};
  for (const auto& batches : groups) {
    accumulated.clear();
    ranks.node_barrier();
    for (const Batch& batch : batches) {
      accumulated.add(batch.gradient());
      ranks.node_barrier();
    }
    expect_sum(accumulated.sum(), Twin(batches));
    ranks.node_barrier();
  }
}

TEST(AccumulatedGradient, HoldsTheSumOfEachRowOnceHoweverRanksShareIt) {
  for (const int ranks : {1, 2, 3, 4, 8}) {
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(testing::Message() << ranks << " ranks, " << threads << " threads");
      test::run_ranks(ranks, [&](comm::Communicator& rank) { check_groups(rank, threads); });
    }
  }
}

TEST(AccumulatedGradient, EachNodeHoldsItsOwn) {
  test::run_ranks(
      4, [&](comm::Communicator& rank) { check_groups(rank, 2); }, 2);
}

TEST(AccumulatedGradient, RanksMayHaveUnequalTeams) {
  test::run_ranks(3, [&](comm::Communicator& rank) { check_groups(rank, 1 + rank.rank()); });
}

}  // namespace
}  // namespace nnrec::train
