#include "nnrec/train/step_forecast.hpp"

#include <array>
#include <bit>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

struct ForecastOfTiny : public ::testing::Test {
  TinyTraining tiny{"one_layer"};
  comm::SelfCommunicator self;
  math::ThreadTeam team{1};
  TrainingTally tally{self, team, tiny.training_rows, tiny.features, tiny.set.manifest()};
  StepCosts costs{1e-6, 1e-8, 1e-8, 1e-9};
  Link fast{1e-6, 1e10};
  Link slow{1e-3, 1e6};
};

TEST_F(ForecastOfTiny, OneNodeTakesTheSumOfItsCostsAndSendsNothing) {
  const BatchVolume volume = expected_volume(tiny.network, tally, 256, 1);
  const StepForecast step = StepForecaster(tiny.network, tally, costs, slow).forecast(256, {});
  EXPECT_EQ(step.bytes, 0);
  EXPECT_NEAR(
      step.seconds,
      256 * (1e-6 + 1e-8) + 1e-8 * volume.lookups + 1e-9 * (volume.touched_values + volume.dense),
      1e-9);
}

// 256 ratings are 4 tiles: a fifth rank has nothing to compute.
TEST_F(ForecastOfTiny, TilesAreNotDivided) {
  const StepForecaster forecaster(tiny.network, tally, {1e-6, 0, 0, 0}, fast);
  EXPECT_NEAR(forecaster.forecast(256, {1, 4, 1}).seconds, 64e-6, 1e-9);
  EXPECT_NEAR(forecaster.forecast(256, {1, 3, 1}).seconds, 128e-6, 1e-9);
  EXPECT_NEAR(forecaster.forecast(256, {1, 16, 1}).seconds, 64e-6, 1e-9);
}

TEST_F(ForecastOfTiny, EfficiencyIsOfAllRanksByWhatOneAloneNeeds) {
  const StepForecaster forecaster(tiny.network, tally, {1e-6, 0, 0, 0}, fast);
  const auto on = [&](const ClusterShape& cluster) {
    return efficiency(forecaster.forecast(256, cluster),
                      forecaster.forecast(256, {1, 1, cluster.threads}), cluster);
  };
  EXPECT_NEAR(on({}), 1, 1e-9);
  EXPECT_NEAR(on({1, 4, 1}), 1, 1e-9) << "four tiles on four ranks";
  EXPECT_NEAR(on({1, 16, 1}), 0.25, 1e-9) << "on sixteen";
  EXPECT_NEAR(on({1, 16, 2}), 2.0 / 16, 1e-9) << "by a rank's threads";
}

// 320 ratings are four batches of 80: each bears a fourth of what is sent at their end.
TEST_F(ForecastOfTiny, WithOwnersABatchBearsItsShareOfTheEpochsEnd) {
  const BatchVolume volume = expected_volume(tiny.network, tally, 80, 2);
  const auto step = [&](ExchangeWay way) {
    return StepForecaster(tiny.network, tally, {}, slow, way).forecast(80, {2, 1, 1});
  };
  double table_values = 0;
  for (const nn::Block& block : tiny.network.layout().blocks())
    if (block.kind == nn::BlockKind::table) table_values += static_cast<double>(block.size());
  const double of_end = 4 * table_values / 2 / 4;  // bytes: half of the rows
  EXPECT_NEAR(step(ExchangeWay::owner).bytes,
              exchange_cost(ExchangeWay::owner, volume, 2, slow).bytes + of_end, 1e-6);
  EXPECT_NEAR(step(ExchangeWay::reduce).bytes,
              exchange_cost(ExchangeWay::reduce, volume, 2, slow).bytes, 1e-6);
  EXPECT_NEAR(completion_cost(tiny.network, 2, slow).seconds, 4 * of_end / slow.bytes_per_second,
              1e-9);
}

TEST_F(ForecastOfTiny, ASlowNetworkAsksForALargerBatch) {
  StepCosts cheap = costs;
  cheap.compute = 1e-7;
  const std::size_t on_fast =
      StepForecaster(tiny.network, tally, cheap, fast).batch_for_half({2, 1, 1});
  const std::size_t on_slow =
      StepForecaster(tiny.network, tally, cheap, slow).batch_for_half({2, 1, 1});
  EXPECT_GT(on_fast, 0U);
  EXPECT_EQ(on_slow, 0U) << "320 ratings never outweigh a millisecond";
}

TEST_F(ForecastOfTiny, MemoryHoldsModelStateAndRatings) {
  const double without = forecast_node_bytes(tiny.network, *tiny.rules, {});
  EXPECT_GE(without, 8.0 * static_cast<double>(tiny.network.layout().parameter_count()))
      << "Adagrad keeps a number beside each";
  NodeLoad load;
  load.rating_bytes = 1e6;
  EXPECT_EQ(forecast_node_bytes(tiny.network, *tiny.rules, load), without + 1e6);
}

TEST_F(ForecastOfTiny, MemoryHoldsWhatAStepNeedsOfItsGradient) {
  const TinyTraining basic{"basic"};  // whose rows have sums of their own
  const auto bytes = [&](const Trainer::Options& options, std::size_t nodes) {
    return forecast_node_bytes(basic.network, *basic.rules,
                               node_load(options, {nodes, 1, 1}, 0, [&](std::size_t rows) {
                                 return expected_volume(basic.network, tally, rows, nodes);
                               }));
  };
  Trainer::Options plain;
  plain.batch_rows = 80;
  Trainer::Options clipped = plain;
  clipped.clip_norm = 1;
  Trainer::Options accumulated = plain;
  accumulated.accumulate = 4;
  const BatchVolume batch = expected_volume(basic.network, tally, 80, 1);
  const BatchVolume step = expected_volume(basic.network, tally, 320, 1);
  ASSERT_GT(batch.touched - batch.own_projected, 0);
  EXPECT_NEAR(bytes(clipped, 1) - bytes(plain, 1), 4 * (batch.touched - batch.own_projected), 1e-6)
      << "sums in place of means";
  EXPECT_NEAR(bytes(accumulated, 1) - bytes(clipped, 1), 8 * (step.dense + step.touched_values),
              1e-6);
  EXPECT_EQ(bytes(clipped, 2), bytes(plain, 2)) << "between nodes sums cross";
}

TEST_F(ForecastOfTiny, MeasuredCostsAreTheSameOnEveryRankAndNotNothing) {
  test::run_ranks(
      4,
      [&](comm::Communicator& ranks) {
        NodeRows rows(tiny.training.view());
        Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, {150}, tiny.initial(ranks));
        const StepCosts measured =
            measure_step(ranks, team, trainer, expected_volume(tiny.network, tally, 150, 2), 0.02);
        EXPECT_GT(measured.compute, 0);
        EXPECT_GT(measured.sum, 0);
        EXPECT_GT(measured.update, 0);
        std::array<std::int64_t, 1> bits{std::bit_cast<std::int64_t>(measured.compute)};
        const std::int64_t own = bits[0];
        ranks.maximum(bits);
        EXPECT_EQ(bits[0], own);
      },
      2);
}

}  // namespace
}  // namespace nnrec::train
