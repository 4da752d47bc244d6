#include "nnrec/train/exchange_cost.hpp"

#include <cmath>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

constexpr Link kEthernet{200e-6, 125e6};

TEST(ExchangeCost, TheExpectedVolumeIsThatOfPlannedBatches) {
  for (const std::string_view variant : testing::variant_names()) {
    TinyTraining tiny(variant);
    comm::SelfCommunicator self;
    const TrainingTally tally(self, math::ThreadTeam(1), tiny.training_rows, tiny.features,
                              tiny.set.manifest());
    double planned = 0;
    constexpr int kEpochs = 40;
    BatchPlanner planner(tiny.input(), {5, 32}, self);
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      BatchPlan plan;
      planner.plan(static_cast<std::uint64_t>(epoch), 0, 320, plan);
      for (std::size_t table = 0; table < plan.tables.size(); ++table) {
        planned += static_cast<double>(plan.tables[table].rows.size() *
                                       tiny.network.tables()[table].sum_cols());
      }
    }
    // Drawn with replacement the rows are a little fewer.
    const BatchVolume volume = expected_volume(tiny.network, tally, 64, 2);
    EXPECT_NEAR(volume.own / (planned / kEpochs), 1, 0.08) << variant;
    EXPECT_GT(volume.touched, volume.own);
  }
}

TEST(ExchangeCost, OneNodeCostsNothing) {
  EXPECT_EQ(
      exchange_cost(ExchangeWay::reduce, {1e5, 1e3, 1e6, 1e6, 1e6, 1e6, 1e5}, 1, kEthernet).seconds,
      0);
}

// 69,000 touched rows of 32 numbers on 2 nodes, 41,400 of them each node's own.
TEST(ExchangeCost, BytesAreThoseOfTheMessages) {
  constexpr double kTouched = 69'000 * 32;
  constexpr double kOwn = 41'400 * 32;
  const BatchVolume volume{131'072, 0, kTouched, kOwn, kTouched, kOwn, 131'072};
  EXPECT_NEAR(exchange_cost(ExchangeWay::reduce, volume, 2, kEthernet).bytes, 8 * kTouched, 1);
  EXPECT_NEAR(exchange_cost(ExchangeWay::owner, volume, 2, kEthernet).bytes, 4 * kOwn, 1);
  // Sums twice as wide as the rows.
  BatchVolume wide{131'072, 0, 2 * kTouched, 2 * kOwn, kTouched, kOwn, 131'072};
  EXPECT_NEAR(exchange_cost(ExchangeWay::owner, wide, 2, kEthernet).bytes, 6 * kOwn, 1);
  wide.own_projected = wide.own;  // many are 0
  EXPECT_NEAR(exchange_cost(ExchangeWay::owner, wide, 2, kEthernet).bytes, 4.5 * kOwn, 1);
}

TEST(ExchangeCost, FewerBitsAreFewerBytesOfRows) {
  constexpr double kRows = 1e6;
  const BatchVolume volume{65'536, 100, kRows, kRows / 2, kRows, kRows / 2, 131'072};
  const auto bytes = [&](ExchangeWay way, ExchangeBits bits) {
    return exchange_cost(way, volume, 2, kEthernet, bits).bytes;
  };
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    EXPECT_LT(bytes(way, ExchangeBits::fewer), bytes(way, ExchangeBits::all));
  }
  EXPECT_NEAR(bytes(ExchangeWay::reduce, ExchangeBits::fewer), 4 * kRows + 8 * 100, 1);
}

TEST(ExchangeCost, FewBytesAreSummedAtOnceAndManySentToOwners) {
  EXPECT_EQ(cheaper_way({5, 100, 1000, 900, 1000, 900, 10}, 4, kEthernet), ExchangeWay::reduce);
  constexpr double kTouched = 69'000 * 32;
  constexpr double kOwn = 24'000 * 32;
  const BatchVolume many{65'536, 100, kTouched, kOwn, kTouched, kOwn, 131'072};
  EXPECT_EQ(cheaper_way(many, 4, kEthernet), ExchangeWay::owner);
}

TEST(ExchangeCost, TheLinkIsTheSameOnEveryRank) {
  std::mutex mutex;
  std::set<std::pair<double, double>> links;
  test::run_ranks(
      5,
      [&](comm::Communicator& ranks) {
        const Link link = measure_link(ranks);
        const std::lock_guard lock(mutex);
        links.insert({link.latency_seconds, link.bytes_per_second});
      },
      2);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_GT(links.begin()->second, 0);
}

}  // namespace
}  // namespace nnrec::train
