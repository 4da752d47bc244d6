#include "nnrec/train/trainer.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/train/node_columns.hpp"

#include "support/expect_error.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

/// What a run ends with; equal means the same bits.
struct Outcome {
  std::string digest;
  std::string state_digest;
  std::vector<double> history;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome train_two_epochs(TinyTraining& tiny, comm::Communicator& ranks, int threads,
                         TrainState state, const RowLimits& limits = {}) {
  const math::ThreadTeam team(threads);
  NodeRows training(ranks, tiny.set, shards::Part::train, limits.training);
  NodeRows test(ranks, tiny.set, shards::Part::test, limits.evaluation);
  Trainer trainer(ranks, team, tiny.input(training), *tiny.optimizer, {150, 0.1}, std::move(state));
  Evaluator evaluator(tiny.input(test), team);
  Outcome outcome;
  for (int epoch = 0; epoch < 2; ++epoch) {
    outcome.history.push_back(trainer.train_epoch().train.rmse());
    outcome.history.push_back(evaluator.evaluate(ranks, trainer.state().parameters).rmse());
  }
  outcome.digest = trainer.state().parameters.digest();
  outcome.state_digest = trainer.state().optimizer_state[0].digest();
  return outcome;
}

class SameBits : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, SameBits, ::testing::ValuesIn(testing::variant_names()));

// 320 rows in batches of 150: 3 tiles, then a short batch of 20 rows with a single tile, so that
// most ranks have none.
TEST_P(SameBits, OnAnyNumberOfRanksNodesAndThreads) {
  TinyTraining tiny(GetParam());
  comm::SelfCommunicator self;
  const Outcome reference = train_two_epochs(tiny, self, 1, tiny.initial());
  EXPECT_LT(reference.history[2], reference.history[0]) << "it must learn";
  for (const int ranks : {1, 2, 3, 4, 8, 11}) {
    for (const int threads : {1, 2, 3}) {
      std::mutex mutex;
      std::vector<Outcome> outcomes;
      test::run_ranks(
          ranks,
          [&](comm::Communicator& communicator) {
            const Outcome outcome = train_two_epochs(tiny, communicator, threads, tiny.initial());
            const std::lock_guard lock(mutex);
            outcomes.push_back(outcome);
          },
          2);
      ASSERT_EQ(outcomes.size(), static_cast<std::size_t>(ranks));
      for (const Outcome& outcome : outcomes) {
        ASSERT_EQ(outcome, reference) << ranks << " ranks, " << threads << " threads";
      }
    }
  }
}

/// Expects the reference on 1 to 8 ranks, two a node, for limits from all rows but one down to one
/// batch of 150 and one tile of 64.
void expect_same_bits_in_windows(TinyTraining& tiny, const TrainState& state) {
  comm::SelfCommunicator self;
  const Outcome reference = train_two_epochs(tiny, self, 1, state);
  const std::vector<RowLimits> all_limits{{319, kAllRows}, {310, 79}, {200, 65}, {150, 64}};
  for (const int ranks : {1, 2, 3, 4, 8}) {
    for (const RowLimits& limits : all_limits) {
      test::run_ranks(
          ranks,
          [&](comm::Communicator& communicator) {
            EXPECT_EQ(train_two_epochs(tiny, communicator, 2, state, limits), reference)
                << ranks << " ranks, " << limits.training << " and " << limits.evaluation
                << " rows";
          },
          2);
    }
  }
}

TEST_P(SameBits, InWindowsOfAnySize) {
  TinyTraining tiny(GetParam());
  expect_same_bits_in_windows(tiny, tiny.initial());
}

// As after a checkpoint within an epoch: the first window begins where training goes on.
TEST_P(SameBits, InWindowsFromTheMiddleOfAnEpoch) {
  TinyTraining tiny(GetParam());
  TrainState state = tiny.initial();
  state.position = 150;
  state.step = 1;
  expect_same_bits_in_windows(tiny, state);
}

// As when a checkpoint is saved after every step, at the borders of windows and within.
TEST_P(SameBits, InWindowsWithAPauseAfterEveryStep) {
  TinyTraining tiny(GetParam());
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  std::vector<std::string> digests;
  for (const std::uint64_t most_rows : {kAllRows, std::uint64_t{310}, std::uint64_t{60}}) {
    NodeRows rows(self, tiny.set, shards::Part::train, most_rows);
    Trainer trainer(self, team, tiny.input(rows), *tiny.optimizer, {60, 0.1}, tiny.initial());
    while (trainer.state().epoch < 2) {
      const std::uint64_t before = trainer.state().step;
      trainer.train([](std::uint64_t) { return StepRequest{false, true}; });
      ASSERT_EQ(trainer.state().step, before + 1);
    }
    digests.push_back(trainer.state().digest());
  }
  EXPECT_EQ(digests[1], digests[0]);
  EXPECT_EQ(digests[2], digests[0]);
}

TEST(Trainer, AnyBatchSizeSeesEveryRowOnce) {
  TinyTraining tiny("one_layer");
  for (const std::uint64_t batch_rows : {1ULL, 3ULL, 64ULL, 320ULL, 100000ULL}) {
    test::run_ranks(2, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows rows(ranks, tiny.set, shards::Part::train);
      Trainer trainer(ranks, team, tiny.input(rows), *tiny.optimizer, {batch_rows, 0.01},
                      tiny.initial());
      const EpochResult epoch = trainer.train_epoch();
      EXPECT_EQ(epoch.train.rows, 320);
      EXPECT_EQ(epoch.step, (320 + batch_rows - 1) / batch_rows);
      EXPECT_EQ(trainer.statistics().steps, epoch.step);
    });
  }
}

TEST(Trainer, ExchangesNoMoreThanTheLowerBoundAndScalars) {
  for (const std::string_view variant : testing::variant_names()) {
    TinyTraining tiny(variant);
    comm::SelfCommunicator self;
    const math::ThreadTeam team(1);
    Trainer trainer(self, team, tiny.input(), *tiny.optimizer, {150, 0.1}, tiny.initial());
    trainer.train_epoch();
    const TrainStatistics& statistics = trainer.statistics();
    // Five scalars a step, and each dense block filled up to a cache line of floats.
    const std::uint64_t blocks = tiny.network.layout().blocks().size();
    EXPECT_LE(statistics.exchanged_bytes,
              statistics.needed_bytes + statistics.steps * 8 * (5 + 15 * blocks));
    EXPECT_GE(statistics.exchanged_bytes, statistics.needed_bytes + statistics.steps * 40);
  }
}

TEST(Trainer, ALossThatIsNotFiniteEndsAllRanksTogether) {
  TinyTraining tiny("one_layer");
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("not finite"), [&] {
    test::run_ranks(3, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows rows(ranks, tiny.set, shards::Part::train);
      Trainer trainer(ranks, team, tiny.input(rows), *tiny.optimizer, {64, 1e30}, tiny.initial());
      for (int epoch = 0; epoch < 20; ++epoch) trainer.train_epoch();
    });
  });
}

TEST(NodeColumns, AFlippedByteInAShardEndsAllRanksWithItsName) {
  TinyTraining tiny("basic");
  const auto path = tiny.set.folder() / tiny.set.manifest().shards[1].file;
  testing::flip_byte(path, std::filesystem::file_size(path) / 2);
  for (const int ranks : {1, 2, 3, 4, 8}) {
    testing::expect_error(ErrorKind::input,
                          ::testing::HasSubstr(tiny.set.manifest().shards[1].file), [&] {
                            test::run_ranks(ranks, [&](comm::Communicator& communicator) {
                              load_node_columns(communicator, tiny.set, shards::Part::train);
                            });
                          });
  }
}

TEST(NodeColumns, EveryNodeHoldsEveryRowInOrder) {
  TinyTraining tiny("basic");
  for (const int ranks_per_node : {1, 2, 3}) {
    test::run_ranks(
        4,
        [&](comm::Communicator& ranks) {
          const auto columns = load_node_columns(ranks, tiny.set, shards::Part::train);
          EXPECT_TRUE(std::ranges::equal(columns.user, tiny.training.user));
          EXPECT_TRUE(std::ranges::equal(columns.title, tiny.training.title));
          EXPECT_TRUE(std::ranges::equal(columns.rating, tiny.training.rating));
          EXPECT_TRUE(std::ranges::equal(columns.timestamp, tiny.training.timestamp));
        },
        ranks_per_node);
  }
}

}  // namespace
}  // namespace nnrec::train
