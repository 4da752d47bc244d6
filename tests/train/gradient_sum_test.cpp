#include "nnrec/train/gradient_sum.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/tiny_training.hpp"
#include "support/whole_gradient.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

class GradientSumOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, GradientSumOf,
                         ::testing::ValuesIn(testing::variant_names()));

/// The gradient opened out to the size of the parameters.
template <typename Sum>
std::vector<std::vector<double>> opened(const TinyTraining& tiny, GradientSum<Sum>& sum,
                                        const BatchPlan& plan, double unit) {
  std::vector<std::vector<double>> blocks;
  const auto& layout = tiny.network.layout();
  const auto& gradient = sum.gradient(plan);
  for (const auto& block : layout.blocks()) {
    blocks.emplace_back(block.size(), 0.0);
    if (block.kind != nn::BlockKind::dense) continue;
    for (std::size_t i = 0; i < block.size(); ++i) {
      blocks.back()[i] = static_cast<double>(gradient.dense[block.dense_offset + i]) * unit;
    }
  }
  for (const auto& table : gradient.tables) {
    std::size_t element = 0;
    for (const std::uint32_t row : table.rows) {
      for (std::size_t c = 0; c < table.cols; ++c) {
        blocks[table.block][row * table.cols + c] =
            static_cast<double>(table.sums[element++]) * unit;
      }
    }
  }
  return blocks;
}

template <typename Sum>
void expect_equals_naive_twin(std::string_view variant, double unit) {
  TinyTraining tiny(variant);
  const auto state = tiny.initial();
  const nn::CounterDropout dropout(5, 0);
  const math::ThreadTeam team(2);
  comm::SelfCommunicator self;
  BatchPlanner planner(tiny.input(), {5, 300}, self);
  BatchPlan plan;
  planner.plan(0, 0, 320, plan);
  GradientSum<Sum> sum(tiny.network, team, {300}, self);
  bool ran = false;
  const auto scalars = sum.whole(state.parameters, plan, dropout, [&] { ran = true; });
  EXPECT_TRUE(ran);
  EXPECT_EQ(scalars.rows, 300);
  EXPECT_EQ(scalars.not_finite, 0);
  const auto naive = testing::whole_gradient(tiny.network, state.parameters, plan.batch, &dropout);
  EXPECT_NEAR(LossFixed::to_double(scalars.squared_error), naive.squared_error,
              1e-6 * naive.squared_error + 1e-5);
  const auto blocks = opened(tiny, sum, plan, unit);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (std::size_t i = 0; i < blocks[block].size(); ++i) {
      ASSERT_NEAR(blocks[block][i], naive.blocks[block][i],
                  3e-6 * std::abs(naive.blocks[block][i]) + 2e-5)
          << tiny.network.layout()[block].name << " element " << i;
    }
  }
}

TEST_P(GradientSumOf, ExactSumEqualsTheNaiveTwin) {
  expect_equals_naive_twin<math::ExactSum>(GetParam(), 1.0 / GradientFixed::kScale);
}

TEST_P(GradientSumOf, FloatSumEqualsTheNaiveTwin) {
  expect_equals_naive_twin<math::FloatSum>(GetParam(), 1.0);
}

TEST_P(GradientSumOf, SharesOfRanksAndThreadsAddUpToTheSameBits) {
  TinyTraining tiny(GetParam());
  const auto state = tiny.initial();
  const nn::CounterDropout dropout(5, 0);
  std::vector<std::int64_t> reference;
  for (const int ranks : {1, 2, 3, 4, 8}) {
    for (const int threads : {1, 2, 3}) {
      const math::ThreadTeam team(threads);
      std::vector<std::int64_t> total;
      for (int rank = 0; rank < ranks; ++rank) {
        comm::SelfCommunicator self;
        const Station station{rank, ranks, 0, 1};  // each a node of its own
        BatchPlanner planner(tiny.input(), {5, 300}, self, station);
        BatchPlan plan;
        planner.plan(0, 0, 320, plan);
        GradientSum<math::ExactSum> sum(tiny.network, team, {300}, self, station);
        sum.project(state.parameters, plan);
        const auto scalars = sum.compute(state.parameters, plan, dropout, nullptr);
        sum.sum(plan);
        sum.sum_dense();
        const auto buffer = sum.buffer(plan);
        std::ranges::copy(scalars.words(), sum.scalars().begin());
        total.resize(buffer.size(), 0);
        for (std::size_t i = 0; i < buffer.size(); ++i) total[i] += buffer[i];
      }
      if (reference.empty()) reference = total;
      ASSERT_EQ(total, reference) << ranks << " ranks, " << threads << " threads";
    }
  }
}

TEST(GradientSum, AnythingNotFiniteIsCountedNotAdded) {
  TinyTraining tiny("one_layer");
  auto state = tiny.initial();
  state.parameters.values(0)[8] = std::numeric_limits<float>::quiet_NaN();
  const nn::CounterDropout dropout(5, 0);
  const math::ThreadTeam team(1);
  comm::SelfCommunicator self;
  BatchPlanner planner(tiny.input(), {5, 320}, self);
  BatchPlan plan;
  planner.plan(0, 0, 320, plan);
  GradientSum<math::ExactSum> sum(tiny.network, team, {320}, self);
  EXPECT_GT(sum.whole(state.parameters, plan, dropout, nullptr).not_finite, 0);
}

}  // namespace
}  // namespace nnrec::train
