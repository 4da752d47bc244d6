#include "nnrec/train/gradient_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/gradient_of_ranks.hpp"
#include "support/thread_communicator.hpp"
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
  testing::FirstBatch first(tiny, 300);
  GradientSum<Sum> sum(tiny.network, team, {300}, first.self);
  bool ran = false;
  const auto scalars = sum.whole(state.parameters, first.plan, dropout, [&] { ran = true; });
  EXPECT_TRUE(ran);
  EXPECT_EQ(scalars.rows, 300);
  EXPECT_EQ(scalars.not_finite, 0);
  const auto naive =
      testing::whole_gradient(tiny.network, state.parameters, first.plan.batch, &dropout);
  EXPECT_NEAR(LossFixed::to_double(scalars.squared_error), naive.squared_error,
              1e-6 * naive.squared_error + 1e-5);
  const auto blocks = opened(tiny, sum, first.plan, unit);
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
        sum.sum(state.parameters, plan);
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

/// To the bit.
TEST_P(GradientSumOf, RowMeansAreTheMeansOfTheSums) {
  TinyTraining tiny(GetParam());
  const auto state = tiny.initial();
  const nn::CounterDropout dropout(5, 0);
  const math::ThreadTeam team(2);
  testing::FirstBatch first(tiny, 300);
  GradientSum<math::ExactSum> sums(tiny.network, team, {300}, first.self);
  GradientSum<math::ExactSum> means(tiny.network, team, {300, 1, {}, true}, first.self);
  sums.whole(state.parameters, first.plan, dropout, nullptr);
  EXPECT_EQ(means.whole(state.parameters, first.plan, dropout, nullptr).not_finite, 0);
  const auto& expected = sums.gradient(first.plan);
  const auto& found = means.gradient(first.plan);
  EXPECT_TRUE(std::ranges::equal(found.dense, expected.dense));
  for (std::size_t table = 0; table < expected.tables.size(); ++table) {
    const auto& of = found.tables[table];
    const std::size_t elements = of.rows.size() * of.cols;
    if (tiny.network.tables()[table].projection) {
      EXPECT_EQ(of.means, nullptr);
      EXPECT_TRUE(std::ranges::equal(of.elements(), expected.tables[table].elements()));
      continue;
    }
    std::vector<float> mean(elements);
    math::ExactSum::to_mean(expected.tables[table].sums, elements, 1.0 / 300, mean.data());
    EXPECT_TRUE(std::ranges::equal(std::span(of.means, elements), mean)) << table;
  }
}

constexpr std::uint64_t kDotBatch = 900;

/// A dot of looked-up rows, as published and with biases beside it.
struct DotTraining : TinyTraining {
  explicit DotTraining(bool has_biases) : TinyTraining("basic", {}, {400, 300, 1600}) {
    models::VariantOptions options;
    options.embedding_dim = 24;
    options.biases = has_biases;
    network = models::find_variant("basic").build(features.table_rows(), options);
    rules.emplace(network.layout(), nn::UpdateOptions{});
  }
};

/// From gradients of all looked-up rows in plain form, added one by one.
testing::OpenedSums in_plain_form(DotTraining& tiny) {
  comm::SelfCommunicator self;
  BatchPlanner planner(tiny.input(), {5, kDotBatch}, self);
  BatchPlan plan;
  planner.plan(0, 0, kDotBatch, plan);
  const auto state = tiny.initial();
  auto workspace = tiny.network.make_workspace();
  nn::LeafGradients leaves(tiny.network.graph(), kDotBatch);
  for (std::size_t first = 0; first < kDotBatch; first += models::kTileRows) {
    const std::size_t rows = std::min(models::kTileRows, kDotBatch - first);
    tiny.network.gradient(state.parameters, {&plan.batch, first, rows}, workspace, leaves);
  }
  testing::OpenedSums sums;
  sums.dense.resize(tiny.network.layout().dense_size());
  for (const auto& use : tiny.network.tables()) {
    const auto& block = tiny.network.layout()[use.block];
    auto& table = sums.tables.emplace_back(block.size(), 0);
    const auto& ids = plan.batch[std::get<features::IdColumn>(use.column)];
    for (std::size_t row = 0; row < kDotBatch; ++row) {
      for (std::size_t c = 0; c < block.cols; ++c) {
        table[ids[row] * block.cols + c] +=
            GradientFixed::from(static_cast<double>(leaves.at(use.leaf, row)[c]));
      }
    }
  }
  return sums;
}

TEST(GradientSum, ADotOfLookedUpRowsGivesTheBitsOfItsPlainForm) {
  for (const bool has_biases : {false, true}) {
    DotTraining tiny(has_biases);
    ASSERT_EQ(tiny.network.form(), nn::Form::factored);
    const auto expected = in_plain_form(tiny);
    for (const int ranks : {1, 2, 3}) {
      for (const int on_a_node : {1, ranks}) {
        for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
          SCOPED_TRACE(
              fmt::format("{} ranks, {} on a node, {}", ranks, on_a_node, exchange_name(way)));
          test::run_ranks(
              ranks,
              [&](comm::Communicator& of) {
                testing::expect_gradient(tiny, kDotBatch, of, way, expected);
              },
              on_a_node);
        }
      }
    }
  }
}

TEST(GradientSum, AnythingNotFiniteIsCountedNotAdded) {
  TinyTraining tiny("one_layer");
  auto state = tiny.initial();
  state.parameters.values(0)[8] = std::numeric_limits<float>::quiet_NaN();
  const nn::CounterDropout dropout(5, 0);
  const math::ThreadTeam team(1);
  testing::FirstBatch first(tiny, 320);
  GradientSum<math::ExactSum> sum(tiny.network, team, {320}, first.self);
  EXPECT_GT(sum.whole(state.parameters, first.plan, dropout, nullptr).not_finite, 0);
}

}  // namespace
}  // namespace nnrec::train
