#include "nnrec/train/row_penalties.hpp"

#include <map>
#include <numeric>
#include <variant>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"
#include "support/whole_gradient.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

const nn::UpdateOptions kPenalized{
    "sgd", 0.1, {"tables:row_penalty=5,count_penalty=0.25", "dense1.weight:count_penalty=0.5"}};

/// All 320 training ratings as one batch.
features::Batch whole_batch(const TinyTraining& tiny) {
  std::vector<std::uint64_t> numbers(320);
  std::iota(numbers.begin(), numbers.end(), 0);
  features::Batch batch;
  tiny.features.gather(tiny.training.view(), numbers, tiny.network.columns(), batch);
  return batch;
}

/// How often each row of the table is looked up, by going through all ratings.
std::map<std::size_t, double> naive_look_ups(const models::TableUse& table,
                                             const features::Batch& batch) {
  std::map<std::size_t, double> counts;
  if (const auto* id = std::get_if<features::IdColumn>(&table.column)) {
    for (const auto row : batch[*id]) ++counts[row];
  } else {
    for (const auto row : batch[std::get<features::BagColumn>(table.column)].values) ++counts[row];
  }
  return counts;
}

TEST(RowPenalties, AnEpochGivesEachRowWhatTheLossOwesItWhateverTheStep) {
  const TinyTraining tiny("enriched", kPenalized);
  const features::Batch batch = whole_batch(tiny);
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  NodeRows rows(tiny.training.view());
  const TrainingTally tally(self, team, rows, tiny.features, tiny.set.manifest());
  for (const std::uint64_t step_rows : {1U, 64U, 320U, 1000U}) {
    const RowPenalties penalties(tiny.network, *tiny.rules, tally, step_rows);
    const double of_all = std::min(1.0, static_cast<double>(step_rows) / 320);
    for (const models::TableUse& table : tiny.network.tables()) {
      for (const auto& [row, count] : naive_look_ups(table, batch)) {
        double missed = 1;
        for (double i = 0; i < count; ++i) missed *= 1 - of_all;
        const double touched_steps = (1 - missed) / of_all;
        const double owed = 2 * (5 + 0.25 * count) / 320 / of_all;
        const auto factor = static_cast<double>(penalties.of(table.block)[row]);
        EXPECT_NEAR(factor * touched_steps, owed, 1e-5 * owed) << row << " " << step_rows;
      }
    }
  }
}

/// One step on all ratings: then every row is touched, and the loss is what people write down.
TEST(RowPenalties, AWholeBatchFollowsTheGradientOfThePenalizedLoss) {
  TinyTraining tiny("one_layer", kPenalized);
  comm::SelfCommunicator self;
  const math::ThreadTeam team(2);
  BatchPlanner planner(tiny.input(), {5, 320}, self);
  BatchPlan plan;
  planner.plan(0, 0, 320, plan);
  const features::Batch& batch = plan.batch;
  const TrainingTally tally(self, team, tiny.training_rows, tiny.features, tiny.set.manifest());
  const auto before = tiny.initial().parameters;
  const nn::CounterDropout dropout(5, 0);
  auto naive = testing::whole_gradient(tiny.network, before, batch, &dropout);
  for (auto& block : naive.blocks) {
    for (double& value : block) value /= 320;
  }
  const auto penalize = [&](std::size_t block, std::size_t row, double weight) {
    const std::size_t cols = tiny.network.layout()[block].cols;
    for (std::size_t i = row * cols; i < (row + 1) * cols; ++i) {
      naive.blocks[block][i] += 2 * weight / 320 * static_cast<double>(before.values(block)[i]);
    }
  };
  for (const models::TableUse& table : tiny.network.tables()) {
    for (const auto& [row, count] : naive_look_ups(table, batch)) {
      penalize(table.block, row, 5 + 0.25 * count);
    }
  }
  for (std::size_t block = 0; block < naive.blocks.size(); ++block) {
    if (tiny.network.layout()[block].name != "dense1.weight") continue;
    for (std::size_t row = 0; row < tiny.network.layout()[block].rows; ++row) {
      penalize(block, row, 0.5 * 320);
    }
  }
  Trainer::Options options{320};
  options.penalties = {tiny.network, *tiny.rules, tally, 320};
  Trainer trainer(self, team, tiny.input(), *tiny.rules, options, tiny.initial(self));
  trainer.train_epoch();
  for (std::size_t block = 0; block < naive.blocks.size(); ++block) {
    for (std::size_t i = 0; i < naive.blocks[block].size(); ++i) {
      const double expected =
          static_cast<double>(before.values(block)[i]) - 0.1 * naive.blocks[block][i];
      ASSERT_NEAR(trainer.state().parameters.values(block)[i], expected, 1e-6)
          << tiny.network.layout()[block].name << " " << i;
    }
  }
}

TEST(RowPenalties, AnyRanksAndThreadsGiveTheSameBits) {
  TinyTraining tiny("one_layer", kPenalized);
  std::string reference;
  for (const int size : {1, 2, 3, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1 + size % 3);
      NodeRows rows(ranks, math::ThreadTeam(1), tiny.set, shards::Part::train);
      const TrainingTally tally(ranks, team, rows, tiny.features, tiny.set.manifest());
      Trainer::Options options{64};
      options.penalties = {tiny.network, *tiny.rules, tally, 64};
      Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, options, tiny.initial(ranks));
      trainer.train_epoch();
      if (ranks.rank() != 0) return;
      if (reference.empty()) reference = trainer.state().digest();
      EXPECT_EQ(trainer.state().digest(), reference) << size;
    });
  }
}

TEST(RowPenalties, WhereAllRowsMoveAStepHasItsShareOfAnEpoch) {
  const TinyTraining tiny("basic", {"sgd", 0.1, {"tables:row_penalty=5,count_penalty=1,rows=all"}});
  const features::Batch batch = whole_batch(tiny);
  comm::SelfCommunicator self;
  NodeRows rows(tiny.training.view());
  const TrainingTally tally(self, math::ThreadTeam(1), rows, tiny.features, tiny.set.manifest());
  for (const std::uint64_t step_rows : {1U, 64U}) {
    const RowPenalties penalties(tiny.network, *tiny.rules, tally, step_rows);
    for (const models::TableUse& table : tiny.network.tables()) {
      for (const auto& [row, count] : naive_look_ups(table, batch)) {
        EXPECT_NEAR(penalties.of(table.block)[row], 2 * (5 + count) / 320, 1e-6);
      }
    }
  }
}

TEST(RowPenalties, WithoutGroupsThatPenalizeThereAreNone) {
  const TinyTraining tiny("basic", {"sgd", 0.1, {"tables:l2=1"}});
  comm::SelfCommunicator self;
  NodeRows rows(tiny.training.view());
  const TrainingTally tally(self, math::ThreadTeam(1), rows, tiny.features, tiny.set.manifest());
  EXPECT_TRUE(RowPenalties(tiny.network, *tiny.rules, tally, 64).of(0).empty());
}

}  // namespace
}  // namespace nnrec::train
