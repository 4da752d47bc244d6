#include "nnrec/train/projected_tables.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/gradient_of_ranks.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

using testing::OpenedSums;
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

OpenedSums of_one_rank(ManyRuns& tiny) {
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  BatchPlanner planner(tiny.input(), {5, kBatch}, self);
  BatchPlan plan;
  planner.plan(0, 0, kBatch, plan);
  GradientSum<math::ExactSum> sum(tiny.network, team, {kBatch}, self);
  EXPECT_EQ(sum.whole(tiny.initial().parameters, plan, nn::CounterDropout(5, 0), {}).not_finite, 0);
  return {tiny.network, sum.gradient(plan)};
}

class ProjectedTablesOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, ProjectedTablesOf,
                         ::testing::ValuesIn(testing::variant_names()));

TEST_P(ProjectedTablesOf, AnyNodesAndRanksGiveTheBitsOfOneRank) {
  ManyRuns tiny(GetParam());
  const OpenedSums expected = of_one_rank(tiny);
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    for (const int ranks_per_node : {1, 2, 5}) {
      SCOPED_TRACE(std::string(exchange_name(way)) + " " + std::to_string(ranks_per_node));
      test::run_ranks(
          5,
          [&](comm::Communicator& ranks) { expect_gradient(tiny, kBatch, ranks, way, expected); },
          ranks_per_node);
    }
  }
}

}  // namespace
}  // namespace nnrec::train
