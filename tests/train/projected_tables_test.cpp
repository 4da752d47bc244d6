#include "nnrec/train/projected_tables.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/train/exchange.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

constexpr std::uint64_t kBatch = 900;

/// With many runs of rows in each table, and an optimiser of no account.
struct ManyRuns : TinyTraining {
  explicit ManyRuns(std::string_view variant) : TinyTraining(variant, {}, {400, 300, 1600}) {}
};

TEST(RunRows, ABatchLooksUpSome64OfARun) {
  models::Network network;
  const auto user = network.embedding("user", features::IdColumn::user, 1000, 8);
  const auto title = network.embedding("title", features::IdColumn::title, 1'000'000, 8);
  const auto bucket = network.embedding("bucket", features::IdColumn::timestamp_bucket, 50, 4);
  const auto units = network.dense("dense1", {user, title, bucket}, 32, models::Activation::relu);
  network.rating(network.dense("dense2", units, 1, models::Activation::linear));
  const auto rows = [&](std::size_t table, std::size_t batch) {
    return run_rows(network, network.tables()[table], batch);
  };
  EXPECT_EQ(rows(0, 1000), 64U);
  EXPECT_EQ(rows(0, 300), 256U);
  EXPECT_EQ(rows(1, 250'000), 256U);
  EXPECT_EQ(rows(1, 10), 1024U) << "or there would be few to share out";
  EXPECT_EQ(rows(2, 1000), Owners::kLeastRunRows) << "a layer too wide for its rows";
  EXPECT_EQ(most_run_rows(network, 300), 1024U);
}

/// The gradient of a batch as one rank computes it.
struct Whole {
  std::vector<std::int64_t> dense;
  std::vector<std::vector<std::int64_t>> tables;  ///< (rows of the table, cols)

  explicit Whole(const TinyTraining& tiny, const SummedGradient<std::int64_t>& gradient) {
    dense.assign(gradient.dense.begin(), gradient.dense.end());
    for (const auto& table : gradient.tables) {
      auto& all = tables.emplace_back(tiny.network.layout()[table.block].size(), 0);
      for (std::size_t i = 0; i < table.rows.size(); ++i) {
        std::copy_n(table.sums + i * table.cols, table.cols,
                    all.begin() + static_cast<std::ptrdiff_t>(table.rows[i] * table.cols));
      }
    }
  }
};

Whole of_one_rank(ManyRuns& tiny) {
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  BatchPlanner planner(tiny.input(), {5, kBatch}, self);
  BatchPlan plan;
  planner.plan(0, 0, kBatch, plan);
  GradientSum<math::ExactSum> sum(tiny.network, team, {kBatch}, self);
  EXPECT_EQ(sum.whole(tiny.initial().parameters, plan, nn::CounterDropout(5, 0), {}).not_finite, 0);
  return Whole(tiny, sum.gradient(plan));
}

/// The step of a trainer up to the whole gradient, on one rank of several.
void expect_gradient(ManyRuns& tiny, comm::Communicator& ranks, ExchangeWay way,
                     const Whole& expected) {
  const math::ThreadTeam team(2);
  const Station station = way == ExchangeWay::owner
                              ? Station::among_owners(ranks, most_run_rows(tiny.network, kBatch))
                              : Station::of(ranks);
  NodeRows rows(tiny.training.view());
  const ModelInput input = tiny.input(rows);
  BatchPlanner planner(input, {5, kBatch}, ranks, station);
  GradientSum<math::ExactSum> gradient(tiny.network, team, {kBatch}, ranks, station);
  const auto exchange = make_exchange(way, {ranks, team, input, station, kBatch});
  TrainState state = tiny.initial(ranks);
  BatchPlan plan;
  planner.plan(0, 0, kBatch, plan);
  gradient.project(state.parameters, plan);
  ranks.node_barrier();
  gradient.compute(state.parameters, plan, nn::CounterDropout(5, 0), {});
  ranks.node_barrier();
  EXPECT_EQ(gradient.sum(plan), 0);
  ranks.node_barrier();
  exchange->sum(plan, gradient, Exchange::Sums::rows);
  if (gradient.is_factored()) {
    EXPECT_EQ(gradient.unproject(state.parameters, plan), 0);
    ranks.node_barrier();
    gradient.sum_dense();
    ranks.node_barrier();
  }
  exchange->sum(plan, gradient, Exchange::Sums::dense);
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

class ProjectedTablesOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, ProjectedTablesOf,
                         ::testing::ValuesIn(testing::variant_names()));

TEST_P(ProjectedTablesOf, AnyNodesAndRanksGiveTheBitsOfOneRank) {
  ManyRuns tiny(GetParam());
  const Whole expected = of_one_rank(tiny);
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    for (const int ranks_per_node : {1, 2, 5}) {
      SCOPED_TRACE(std::string(exchange_name(way)) + " " + std::to_string(ranks_per_node));
      test::run_ranks(
          5, [&](comm::Communicator& ranks) { expect_gradient(tiny, ranks, way, expected); },
          ranks_per_node);
    }
  }
}

}  // namespace
}  // namespace nnrec::train
