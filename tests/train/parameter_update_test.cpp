#include "nnrec/train/parameter_update.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/train/gradient_sum.hpp"

#include "support/tiny_training.hpp"
#include "support/whole_gradient.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

class ParameterUpdateOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, ParameterUpdateOf,
                         ::testing::ValuesIn(testing::variant_names()));

TEST_P(ParameterUpdateOf, TouchedRowsOnlyMoveByTheMean) {
  TinyTraining tiny(GetParam());
  auto state = tiny.initial();
  const auto before = state.parameters;
  const nn::CounterDropout dropout(5, 0);
  const math::ThreadTeam team(2);
  testing::FirstBatch first(tiny, 4);
  GradientSum<math::ExactSum> sum(tiny.network, team, {4}, first.self);
  sum.whole(state.parameters, first.plan, dropout, nullptr);
  const auto naive = testing::whole_gradient(tiny.network, before, first.plan.batch, &dropout);
  ParameterUpdate<math::ExactSum> update(tiny.network.layout(), *tiny.rules, team);
  update.apply(sum.gradient(first.plan), {1.0 / 4, 1, 1}, state.parameters, state.optimizer_state);
  for (std::size_t block = 0; block < naive.blocks.size(); ++block) {
    for (std::size_t i = 0; i < naive.blocks[block].size(); ++i) {
      const double mean = naive.blocks[block][i] / 4.0;
      const double expected = static_cast<double>(before.values(block)[i]) -
                              0.1 * mean / std::sqrt(0.1 + mean * mean + 1e-7);
      ASSERT_NEAR(static_cast<double>(state.parameters.values(block)[i]), expected, 1e-6);
    }
  }
}

/// Blocks of odd sizes with a gradient of whole numbers: 2,000 rows of a table, and dense blocks
/// with rows longer than what is converted at a time.
struct Blocks {
  Blocks() {
    layout.add("user", 3000, 5, nn::BlockKind::table, nn::InitialValues::embedding);
    layout.add("weight", 3, 1100, nn::BlockKind::dense, nn::InitialValues::glorot_uniform);
    layout.add("bias", 1, 700, nn::BlockKind::dense, nn::InitialValues::zero);
    for (std::uint32_t row = 7; row < 2007; ++row) rows.push_back(row);
    for (std::size_t i = 0; i < 10000; ++i) sums.push_back(fixed(i));
    dense.resize(layout.dense_size(), 0);
    for (const std::size_t block : {1U, 2U}) {
      for (std::size_t i = 0; i < layout[block].size(); ++i) {
        dense[layout[block].dense_offset + i] = fixed(i + block);
      }
    }
  }
  static double value(std::size_t i) { return static_cast<double>(i % 13) - 6; }
  static std::int64_t fixed(std::size_t i) { return GradientFixed::from(value(i)); }
  SummedGradient<std::int64_t> gradient() const { return {dense, {{0, 5, rows, sums.data()}}}; }
  /// Of an element, summed; nothing for a row that is not touched.
  double sum_of(std::size_t block, std::size_t i) const {
    if (block > 0) return value(i + block);
    return i / 5 < 7 || i / 5 >= 2007 ? 0 : value(i - 35);
  }

  nn::ParameterLayout layout;
  std::vector<std::uint32_t> rows;
  std::vector<std::int64_t> sums;
  std::vector<std::int64_t> dense;
};

TEST(ParameterUpdate, EachGroupHasItsRateAndItsPenalty) {
  const Blocks blocks;
  const nn::UpdateRules rules(
      blocks.layout,
      {"sgd", 0.5, {"tables:l2=0.25", "weight:rate=0.125,l2=2", "bias:rate_factor=0"}});
  const auto before = nn::initialize(blocks.layout, 3);
  for (const int threads : {1, 2, 3}) {
    const math::ThreadTeam team(threads);
    auto parameters = before;
    auto state = rules.initial_state();
    ParameterUpdate<math::ExactSum> update(blocks.layout, rules, team);
    update.apply(blocks.gradient(), {1.0 / 8, 0.5, 1}, parameters, state);
    const std::array<double, 3> rates{0.25, 0.0625, 0};
    const std::array<double, 3> penalties{0.25, 2, 0};
    for (std::size_t block = 0; block < 3; ++block) {
      for (std::size_t i = 0; i < blocks.layout[block].size(); ++i) {
        const double w = before.values(block)[i];
        const bool touched = block > 0 || (i >= 35 && i < 2007 * 5);
        const double g = blocks.sum_of(block, i) / 8 + penalties.at(block) * w;
        ASSERT_NEAR(parameters.values(block)[i], touched ? w - rates.at(block) * g : w, 1e-6)
            << blocks.layout[block].name << " " << i;
      }
    }
  }
}

/// The exact form of a rule: a row that no rating looks up has a gradient of 0 in this step.
TEST(ParameterUpdate, WhereAllRowsMoveATableMovesAsADenseBlockDoes) {
  const Blocks blocks;
  nn::ParameterLayout dense;
  dense.add("user", 3000, 5, nn::BlockKind::dense, nn::InitialValues::embedding);
  std::vector<std::int64_t> sums(dense.dense_size(), 0);
  std::ranges::copy(blocks.sums, sums.begin() + 35);
  for (const auto* optimizer : {"adam", "sgd", "momentum", "rowwise_adagrad"}) {
    const nn::UpdateOptions options{optimizer, 0.1, {"user:rows=all,l2=0.5"}};
    const nn::UpdateRules rules(blocks.layout, options);
    const nn::UpdateRules dense_rules(dense, options);
    auto parameters = nn::initialize(blocks.layout, 3);
    auto state = rules.initial_state();
    auto expected = nn::initialize(dense, 3);
    auto expected_state = dense_rules.initial_state();
    const math::ThreadTeam team(3);
    ParameterUpdate<math::ExactSum> update(blocks.layout, rules, team);
    ParameterUpdate<math::ExactSum> dense_update(dense, dense_rules, team);
    for (std::uint64_t number = 1; number <= 3; ++number) {
      update.apply(blocks.gradient(), {1.0 / 8, 1, number}, parameters, state);
      dense_update.apply({sums, {}}, {1.0 / 8, 1, number}, expected, expected_state);
    }
    EXPECT_TRUE(std::ranges::equal(parameters.values(0), expected.values(0))) << optimizer;
  }
}

/// Given as means of the batch, rows move to the same bits as given as sums.
TEST(ParameterUpdate, RowsMoveByMeansAsBySums) {
  const Blocks blocks;
  std::vector<float> means(blocks.sums.size());
  math::ExactSum::to_mean(blocks.sums.data(), means.size(), 1.0 / 8, means.data());
  auto by_means = blocks.gradient();
  by_means.tables[0].sums = nullptr;
  by_means.tables[0].means = means.data();
  for (const char* group : {"user:l2=0", "user:l2=0.5", "user:rows=all,l2=0.5"}) {
    const nn::UpdateRules rules(blocks.layout, {"adam", 0.1, {group}});
    const math::ThreadTeam team(3);
    ParameterUpdate<math::ExactSum> update(blocks.layout, rules, team);
    auto expected = nn::initialize(blocks.layout, 3);
    auto found = expected;
    auto expected_state = rules.initial_state();
    auto found_state = rules.initial_state();
    update.apply(blocks.gradient(), {1.0 / 8, 1, 1}, expected, expected_state);
    update.apply(by_means, {1.0 / 8, 1, 1}, found, found_state);
    EXPECT_EQ(found.digest() + found_state.digest(), expected.digest() + expected_state.digest())
        << group;
  }
}

class ParameterUpdateWith : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(EveryOptimizer, ParameterUpdateWith,
                         ::testing::ValuesIn(nn::optimizer_names()),
                         [](const auto& test) { return test.param; });

TEST_P(ParameterUpdateWith, AnyThreadsGiveTheSameBitsAndOtherRowsKeepTheirs) {
  const Blocks blocks;
  const nn::UpdateRules rules(blocks.layout, {GetParam(), 0.1, {"user:l2=0.1"}});
  const auto before = nn::initialize(blocks.layout, 3);
  std::vector<std::string> digests;
  for (const int threads : {1, 2, 5}) {
    const math::ThreadTeam team(threads);
    auto parameters = before;
    auto state = rules.initial_state();
    ParameterUpdate<math::ExactSum> update(blocks.layout, rules, team);
    for (std::uint64_t number = 1; number <= 3; ++number) {
      update.apply(blocks.gradient(), {1.0 / 8, 1, number}, parameters, state);
    }
    digests.push_back(parameters.digest() + state.digest());
    EXPECT_EQ(digests.back(), digests.front());
    const auto now = parameters.values(0);
    for (std::size_t i = 0; i < now.size(); ++i) {
      const bool touched = i >= 35 && i < 2007 * 5;
      ASSERT_TRUE(touched || now[i] == before.values(0)[i]) << i;
    }
  }
}

}  // namespace
}  // namespace nnrec::train
