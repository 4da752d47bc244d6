#include "nnrec/train/exchange.hpp"

#include <atomic>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

class ExchangeOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, ExchangeOf, ::testing::ValuesIn(testing::variant_names()));

/// A number for each element of each node, some of them wide.
std::int64_t number_of(std::size_t node, std::size_t row, std::size_t col) {
  const auto size = static_cast<std::int64_t>((node + 1) * (row * 31 + col + 1));
  return (col % 2 == 0 ? size : -size) << (row % 5 * 8);
}

bool looks_up(const TouchedRows& touched, std::size_t slot) {
  return touched.offsets[slot + 1] > touched.offsets[slot];
}

// What each node puts in is a function, so that the sum of those that look a row up is known.
TEST_P(ExchangeOf, OwnersGetTheSumsOfAllWhoLookARowUp) {
  TinyTraining tiny(GetParam());
  for (const int ranks_per_node : {1, 2}) {
    test::run_ranks(
        5,
        [&](comm::Communicator& ranks) {
          const math::ThreadTeam team(2);
          const Station station = Station::among_owners(ranks, most_run_rows(tiny.network, 300));
          NodeRows rows(tiny.training.view());
          const ModelInput input = tiny.input(rows);
          BatchPlanner planner(input, {5, 300}, ranks, station);
          GradientSum<math::ExactSum> gradient(tiny.network, team, {300}, ranks, station);
          const auto exchange =
              make_exchange(ExchangeWay::owner, {ranks, team, input, station, 300});
          BatchPlan plan;
          planner.plan(0, 0, 320, plan);
          const std::size_t node = station.owners.node();
          if (station.node_rank == 0) {
            std::ranges::fill(gradient.dense_and_scalars(), std::int64_t{1} << 40);
            for (std::size_t table = 0; table < plan.tables.size(); ++table) {
              const TouchedRows& touched = plan.tables[table];
              const std::size_t cols = tiny.network.tables()[table].sum_cols();
              const auto sums = gradient.rows(plan, table);
              for (std::size_t i = 0; i < sums.size(); ++i) {
                sums[i] = looks_up(touched, i / cols)
                              ? number_of(node, touched.rows[i / cols], i % cols)
                              : 0;
              }
            }
          }
          ranks.node_barrier();
          exchange->sum(plan, gradient, Exchange::Sums::all);
          const auto nodes = static_cast<std::int64_t>(station.owners.count());
          for (const std::int64_t sum : gradient.dense_and_scalars()) {
            ASSERT_EQ(sum, nodes << 40);
          }
          for (std::size_t table = 0; table < plan.tables.size(); ++table) {
            const TouchedRows& touched = plan.tables[table];
            const std::size_t cols = tiny.network.tables()[table].sum_cols();
            const Range own = touched.slots_of(node);
            for (std::size_t slot = own.begin; slot < own.end; ++slot) {
              for (std::size_t col = 0; col < cols; ++col) {
                std::int64_t expected =
                    looks_up(touched, slot) ? number_of(node, touched.rows[slot], col) : 0;
                for (std::size_t other = 0; other < station.owners.count(); ++other) {
                  const auto asked = touched.asked_by(other);
                  if (std::ranges::find(asked, slot) != asked.end()) {
                    expected += number_of(other, touched.rows[slot], col);
                  }
                }
                ASSERT_EQ(gradient.rows(plan, table)[slot * cols + col], expected);
              }
            }
          }
          EXPECT_GE(exchange->bytes().sent, exchange->bytes().needed);
        },
        ranks_per_node);
  }
}

/// Sums over 3 nodes of what each has as a function of node and place, two in a word. Returns the
/// bytes that a node sent.
template <typename Number>
std::uint64_t sum_pairs(TinyTraining& tiny, unsigned shift, const Number& number) {
  std::atomic<std::uint64_t> sent = 0;
  test::run_ranks(
      5,
      [&](comm::Communicator& ranks) {
        const math::ThreadTeam team(2);
        const Station station = Station::of(ranks);
        NodeRows rows(tiny.training.view());
        const ModelInput input = tiny.input(rows);
        const std::vector<std::int64_t> grids(tiny.network.tables().size(), shift);
        BatchPlanner planner(input, {5, 300}, ranks, station);
        GradientSum<math::ExactSum> gradient(tiny.network, team, {300, 1, grids}, ranks, station);
        const auto exchange = make_exchange(
            ExchangeWay::reduce, {ranks, team, input, station, 300, ExchangeBits::fewer});
        BatchPlan plan;
        planner.plan(0, 0, 320, plan);
        const auto all = gradient.buffer(plan).subspan(gradient.dense_and_scalars().size());
        if (station.node_rank == 0) {
          for (std::size_t i = 0; i < all.size(); ++i) all[i] = number(ranks.node(), i) << shift;
        }
        ranks.node_barrier();
        exchange->sum(plan, gradient, Exchange::Sums::rows);
        for (std::size_t i = 0; i < all.size(); ++i) {
          ASSERT_EQ(all[i], (number(0, i) + number(1, i) + number(2, i)) << shift);
        }
        sent = exchange->bytes().sent;
        ranks.node_barrier();
      },
      2);
  return sent;
}

TEST_P(ExchangeOf, PairsThatMightNotFitAreSummedOnceMoreAsTheyAre) {
  TinyTraining tiny(GetParam());
  const auto sign = [](std::size_t i) { return i % 3 == 0 ? -1 : 1; };
  const auto fitting = [&](int node, std::size_t i) {
    return sign(i) * (std::int64_t{node} + 1) * static_cast<std::int64_t>(i + 1);
  };
  const std::uint64_t once = sum_pairs(tiny, 0, fitting);
  EXPECT_EQ(sum_pairs(tiny, 20, fitting), once);
  const auto with = [&](std::size_t place, std::int64_t size) {
    return [=](int node, std::size_t i) { return i == place ? size : fitting(node, i); };
  };
  EXPECT_EQ(sum_pairs(tiny, 3, with(5, 1 << 28)), once);
  // 3 x 2^30 does not fit, though what each node has does; -2^40 of each does not either.
  for (const std::int64_t wide : {std::int64_t{1} << 30, -(std::int64_t{1} << 40)}) {
    EXPECT_GT(sum_pairs(tiny, 3, with(5, wide)), 2 * once);
  }
}

/// Every element of a table in owned rows: a number of its own; elsewhere not a number.
void fill_owned(nn::ParameterSet& set, const Owners& owners) {
  for (std::size_t block = 0; block < set.layout().blocks().size(); ++block) {
    const nn::Block& shape = set.layout()[block];
    if (shape.kind != nn::BlockKind::table) continue;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      set.values(block)[i] = owners.owns(i / shape.cols) ? static_cast<float>(i) : std::nanf("");
    }
  }
}

TEST_P(ExchangeOf, NodesFetchTheRowsTheyLookUpAndAllOfThemInTheEnd) {
  TinyTraining tiny(GetParam());
  test::run_ranks(
      5,
      [&](comm::Communicator& ranks) {
        const math::ThreadTeam team(2);
        const Station station = Station::among_owners(ranks, most_run_rows(tiny.network, 300));
        NodeRows rows(tiny.training.view());
        const ModelInput input = tiny.input(rows);
        BatchPlanner planner(input, {5, 300}, ranks, station);
        const auto exchange = make_exchange(ExchangeWay::owner, {ranks, team, input, station, 300});
        TrainState state = tiny.initial(ranks);
        if (station.node_rank == 0) fill_owned(state.parameters, station.owners);
        BatchPlan plan;
        planner.plan(0, 300, 320, plan);  // a short batch: few rows are looked up
        exchange->fetch(plan, state.parameters);
        for (std::size_t table = 0; table < plan.tables.size(); ++table) {
          const std::size_t block = tiny.network.tables()[table].block;
          const std::size_t cols = tiny.network.layout()[block].cols;
          for (const std::uint32_t row : plan.tables[table].rows) {
            ASSERT_EQ(state.parameters.values(block)[row * cols], static_cast<float>(row * cols));
          }
        }
        ranks.node_barrier();
        exchange->complete(state.parameters);
        for (std::size_t block = 0; block < tiny.network.layout().blocks().size(); ++block) {
          const nn::Block& shape = tiny.network.layout()[block];
          if (shape.kind != nn::BlockKind::table) continue;
          for (std::size_t i = 0; i < shape.size(); ++i) {
            ASSERT_EQ(state.parameters.values(block)[i], static_cast<float>(i));
          }
        }
      },
      2);
}

TEST(Exchange, OneNodeSendsNothing) {
  TinyTraining tiny("basic");
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  const Station station = Station::of(self);
  const ModelInput input = tiny.input();
  BatchPlanner planner(input, {5, 300}, self, station);
  GradientSum<math::ExactSum> gradient(tiny.network, team, {300}, self, station);
  const auto exchange = make_exchange(ExchangeWay::reduce, {self, team, input, station, 300});
  BatchPlan plan;
  planner.plan(0, 0, 320, plan);
  exchange->sum(plan, gradient, Exchange::Sums::all);
  EXPECT_EQ(exchange->bytes().sent, 0U);
  EXPECT_GT(exchange->bytes().needed, 0U);
}

}  // namespace
}  // namespace nnrec::train
