#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/train/exchange.hpp"
#include "nnrec/train/projected_tables.hpp"

#include "support/tiny_training.hpp"

namespace nnrec::testing {

/// The summed gradient of a batch, opened out.
struct OpenedSums {
  std::vector<std::int64_t> dense;
  std::vector<std::vector<std::int64_t>> tables;  ///< (rows of the table, cols)

  OpenedSums() = default;
  OpenedSums(const models::Network& network, const train::SummedGradient<std::int64_t>& gradient) {
    dense.assign(gradient.dense.begin(), gradient.dense.end());
    for (const auto& table : gradient.tables) {
      auto& all = tables.emplace_back(network.layout()[table.block].size(), 0);
      for (std::size_t i = 0; i < table.rows.size(); ++i) {
        std::copy_n(table.sums + i * table.cols, table.cols,
                    all.begin() + static_cast<std::ptrdiff_t>(table.rows[i] * table.cols));
      }
    }
  }
};

/// The step of a trainer up to the whole gradient of the first `batch` rows, on one rank of
/// several.
inline void expect_gradient(TinyTraining& tiny, std::uint64_t batch, comm::Communicator& ranks,
                            train::ExchangeWay way, const OpenedSums& expected) {
  const math::ThreadTeam team(2);
  const train::Station station =
      way == train::ExchangeWay::owner
          ? train::Station::among_owners(ranks, train::most_run_rows(tiny.network, batch))
          : train::Station::of(ranks);
  train::NodeRows rows(tiny.training.view());
  const train::ModelInput input = tiny.input(rows);
  train::BatchPlanner planner(input, {5, batch}, ranks, station);
  train::GradientSum<math::ExactSum> gradient(tiny.network, team, {batch}, ranks, station);
  const auto exchange = train::make_exchange(way, {ranks, team, input, station, batch});
  train::TrainState state = tiny.initial(ranks);
  train::BatchPlan plan;
  planner.plan(0, 0, batch, plan);
  gradient.project(state.parameters, plan);
  ranks.node_barrier();
  gradient.compute(state.parameters, plan, nn::CounterDropout(5, 0), {});
  ranks.node_barrier();
  EXPECT_EQ(gradient.sum(state.parameters, plan), 0);
  ranks.node_barrier();
  exchange->sum(plan, gradient, train::Exchange::Sums::rows);
  if (gradient.is_projected()) {
    EXPECT_EQ(gradient.unproject(state.parameters, plan), 0);
    ranks.node_barrier();
    gradient.sum_dense();
    ranks.node_barrier();
  }
  exchange->sum(plan, gradient, train::Exchange::Sums::dense);
  const auto& found = gradient.gradient(plan);
  EXPECT_TRUE(std::ranges::equal(found.dense, expected.dense));
  for (std::size_t t = 0; t < found.tables.size(); ++t) {
    const auto& table = found.tables[t];
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      ASSERT_TRUE(std::equal(
          table.sums + i * table.cols, table.sums + (i + 1) * table.cols,
          expected.tables[t].begin() + static_cast<std::ptrdiff_t>(table.rows[i] * table.cols)))
          << "row " << table.rows[i] << " of table " << t;
    }
  }
  ranks.node_barrier();
}

}  // namespace nnrec::testing
