#include "nnrec/train/trainer.hpp"

#include <cmath>
#include <mutex>

#include <gtest/gtest.h>

#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/node_rows.hpp"

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

/// All that decides the bits of updates at once: groups, decay, penalty, schedule, warm-up,
/// clipping, an average, and groups of three batches of which an epoch's last is shorter.
const nn::UpdateOptions kManyRules{
    "adamw:decay=0.1",
    0.02,
    {"tables:optimizer=rowwise_adagrad,rate=0.05,l2=0.001",
     "title:optimizer=adam,rate=0.01,rows=all,l2=0.001", "*.bias:optimizer=momentum,nesterov=yes"},
    0.3};
const Trainer::Options kManyOptions{30, 3, 0.5, {"cosine:end=0.1", {0, 0.7}, 2}};

Outcome train_two_epochs(TinyTraining& tiny, comm::Communicator& ranks, int threads,
                         const TrainState& start, const RowLimits& limits = {},
                         const Trainer::Options& options = {150}) {
  const math::ThreadTeam team(threads);
  NodeRows training(ranks, team, tiny.set, shards::Part::train, limits.training);
  NodeRows test(ranks, team, tiny.set, shards::Part::test, limits.evaluation);
  Trainer trainer(ranks, team, tiny.input(training), *tiny.rules, options,
                  tiny.on_node(ranks, start));
  Evaluator evaluator(tiny.input(test), team);
  Outcome outcome;
  for (int epoch = 0; epoch < 2; ++epoch) {
    outcome.history.push_back(trainer.train_epoch().train.rmse());
    outcome.history.push_back(evaluator.evaluate(ranks, trainer.state().model()).rmse());
  }
  outcome.digest = trainer.state().model().digest();
  trainer.complete_state();
  outcome.state_digest = trainer.state().digest();
  return outcome;
}

class SameBits : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, SameBits, ::testing::ValuesIn(testing::variant_names()));

/// Two ranks a node; an odd number leaves the last node with one.
void expect_on_all_ranks(TinyTraining& tiny, const Trainer::Options& options,
                         const Outcome& reference) {
  for (const int ranks : {1, 2, 3, 4, 8, 11}) {
    for (const int threads : {1, 2, 3}) {
      std::mutex mutex;
      std::vector<Outcome> outcomes;
      test::run_ranks(
          ranks,
          [&](comm::Communicator& communicator) {
            const Outcome outcome =
                train_two_epochs(tiny, communicator, threads, tiny.initial(), {}, options);
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

/// Expects equal outcomes of all ranks, nodes, threads and ways of exchange.
void expect_same_bits(TinyTraining& tiny, Trainer::Options options) {
  comm::SelfCommunicator self;
  const Outcome reference = train_two_epochs(tiny, self, 1, tiny.initial(), {}, options);
  EXPECT_LT(reference.history[2], reference.history[0]) << "it must learn";
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    options.exchange = way;
    expect_on_all_ranks(tiny, options, reference);
  }
}
// 320 rows in batches of 150: 3 tiles, then a short batch of 20 rows with a single tile, so that
// most ranks have none.
TEST_P(SameBits, OnAnyNumberOfRanksNodesAndThreads) {
  TinyTraining tiny(GetParam());
  expect_same_bits(tiny, {150});
}

TEST_P(SameBits, WithEveryKindOfUpdateRule) {
  TinyTraining tiny(GetParam(), kManyRules);
  expect_same_bits(tiny, kManyOptions);
}

TEST_P(SameBits, WithFewerExchangeBits) {
  TinyTraining tiny(GetParam());
  Trainer::Options options{150};
  options.exchange_bits = ExchangeBits::fewer;
  expect_same_bits(tiny, options);
}

TEST_P(SameBits, WithFewerExchangeBitsAndEveryKindOfUpdateRule) {
  TinyTraining tiny(GetParam(), kManyRules);
  Trainer::Options options = kManyOptions;
  options.exchange_bits = ExchangeBits::fewer;
  expect_same_bits(tiny, options);
}

/// An epoch of two steps: the state's digest, and by how many bits a table's grid grew in the
/// second.
std::pair<std::string, std::int64_t> take_two_steps(TinyTraining& tiny, comm::Communicator& ranks,
                                                    ExchangeWay way) {
  const math::ThreadTeam team(2);
  NodeRows rows(ranks, team, tiny.set, shards::Part::train);
  Trainer::Options options{160};
  options.exchange = way;
  options.exchange_bits = ExchangeBits::fewer;
  Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, options, tiny.initial(ranks));
  trainer.train([](std::uint64_t) { return StepRequest{false, true}; });
  const std::vector<std::int64_t> before = trainer.state().grids;
  trainer.train_epoch();
  trainer.complete_state();
  std::int64_t grown = 0;
  for (std::size_t table = 0; table < before.size(); ++table) {
    grown = std::max(grown, trainer.state().grids[table] - before[table]);
  }
  return {trainer.state().digest(), grown};
}

// One step of a huge rate, so that in the second gradients are so many times those that their grids
// were made for that one alone needs more than 32 bits; of complex, whose dense sums soon do not
// fit at all, that those of some ratings do.
TEST_P(SameBits, WithSumsThatOutgrowTheirGrids) {
  const bool is_deep = GetParam() == "complex";
  const auto updates = [&](double rate) {
    return nn::UpdateOptions{"sgd", rate, {is_deep ? "tables:rate=0.001" : "tables:l2=0"}};
  };
  const std::int64_t enough = is_deep ? 13 : 32 - std::int64_t{kGridBits};
  comm::SelfCommunicator self;
  double rate = is_deep ? 0.03 : 10;
  for (std::int64_t grown = 0; grown < enough; rate *= 1.2) {
    TinyTraining tiny(GetParam(), updates(rate));
    grown = take_two_steps(tiny, self, ExchangeWay::reduce).second;
  }
  rate /= 1.2;
  TinyTraining tiny(GetParam(), updates(rate));
  const auto alone = take_two_steps(tiny, self, ExchangeWay::reduce);
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    for (const int ranks : {2, 3, 4, 8}) {
      for (const int ranks_per_node : {1, 2}) {
        test::run_ranks(
            ranks,
            [&](comm::Communicator& communicator) {
              EXPECT_EQ(take_two_steps(tiny, communicator, way), alone) << ranks << " ranks";
            },
            ranks_per_node);
      }
    }
  }
}

// A step at a time, each by a new trainer on other ranks from the checkpoint of the one before.
TEST_P(SameBits, WithFewerExchangeBitsThroughCheckpoints) {
  TinyTraining tiny(GetParam());
  const std::filesystem::path path = tiny.folder / "checkpoint.h5";
  Trainer::Options options{64};
  options.exchange_bits = ExchangeBits::fewer;
  const auto train_to = [&](comm::Communicator& ranks, std::uint64_t step, bool resumes) {
    const math::ThreadTeam team(1);
    NodeRows rows(ranks, team, tiny.set, shards::Part::train);
    TrainState start = tiny.initial(ranks);
    if (resumes) {
      if (ranks.rank() == 0) load_checkpoint(path, start);
      copy_to_all(ranks, start);
    }
    Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, options, std::move(start));
    while (trainer.state().step < step) {
      trainer.train([&](std::uint64_t now) { return StepRequest{now == step, false}; });
    }
    trainer.complete_state();
    if (ranks.rank() == 0) save_checkpoint(path, trainer.state(), {}, {});
    return trainer.state().digest();
  };
  comm::SelfCommunicator self;
  const std::string straight = train_to(self, 8, false);
  std::string last;
  for (std::uint64_t step = 1; step <= 8; ++step) {
    options.exchange = step % 2 == 0 ? ExchangeWay::owner : ExchangeWay::reduce;
    test::run_ranks(
        static_cast<int>(step % 4 + 1),
        [&](comm::Communicator& ranks) {
          const std::string digest = train_to(ranks, step, step > 1);
          if (ranks.rank() == 0) last = digest;
        },
        1);
  }
  EXPECT_EQ(last, straight);
}

// After so few steps rounding has not grown yet.
TEST_P(SameBits, FewerExchangeBitsLearnTheSameBetweenThemAsAll) {
  TinyTraining tiny(GetParam());
  comm::SelfCommunicator self;
  Trainer::Options options{64};
  const Outcome all = train_two_epochs(tiny, self, 1, tiny.initial(), {}, options);
  options.exchange_bits = ExchangeBits::fewer;
  const Outcome fewer = train_two_epochs(tiny, self, 1, tiny.initial(), {}, options);
  EXPECT_NE(fewer.digest, all.digest);
  for (std::size_t i = 0; i < all.history.size(); ++i) {
    EXPECT_NEAR(fewer.history[i], all.history[i], 2e-4) << "RMSE";
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
    NodeRows rows(self, math::ThreadTeam(1), tiny.set, shards::Part::train, most_rows);
    Trainer trainer(self, team, tiny.input(rows), *tiny.rules, {60}, tiny.initial(self));
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

TEST(Trainer, TheStateOfRowsThatOthersKeepCrossesOnlyWhenAskedFor) {
  TinyTraining tiny("one_layer");
  test::run_ranks(
      3,
      [&](comm::Communicator& ranks) {
        const math::ThreadTeam team(1);
        NodeRows rows(ranks, team, tiny.set, shards::Part::train);
        Trainer::Options options{64};
        options.exchange = ExchangeWay::owner;
        Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, options, tiny.initial(ranks));
        trainer.train_epoch();
        const auto sent_by_all = [&] {
          std::array<std::int64_t, 1> sent{
              static_cast<std::int64_t>(trainer.statistics().bytes.sent)};
          ranks.sum(sent);
          return sent[0];
        };
        const std::int64_t before = sent_by_all();
        EXPECT_FALSE(trainer.has_whole_state());
        trainer.complete_state();
        const std::int64_t after = sent_by_all();
        EXPECT_GT(after, before);
        EXPECT_TRUE(trainer.has_whole_state());
        for (const std::string& other : ranks.gather_all(trainer.state().digest()))
          EXPECT_EQ(trainer.state().digest(), other);
        trainer.complete_state();
        EXPECT_EQ(sent_by_all(), after) << "once is enough";
      },
      1);
}

TEST(Trainer, AnyBatchSizeSeesEveryRowOnce) {
  TinyTraining tiny("one_layer", {"adagrad", 0.01, {}});
  for (const std::uint64_t batch_rows : {1ULL, 3ULL, 64ULL, 320ULL, 100000ULL}) {
    test::run_ranks(2, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows rows(ranks, math::ThreadTeam(1), tiny.set, shards::Part::train);
      Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, {batch_rows},
                      tiny.initial(ranks));
      const EpochResult epoch = trainer.train_epoch();
      EXPECT_EQ(epoch.train.rows, 320);
      EXPECT_EQ(epoch.step, (320 + batch_rows - 1) / batch_rows);
      EXPECT_EQ(trainer.statistics().exchanges, epoch.step);
    });
  }
}

/// Of 320 rows, after two epochs.
TrainState trained(TinyTraining& tiny, const Trainer::Options& options) {
  comm::SelfCommunicator self;
  const math::ThreadTeam team(2);
  Trainer trainer(self, team, tiny.input(), *tiny.rules, options, tiny.initial(self));
  trainer.train_epoch();
  trainer.train_epoch();
  return trainer.state();
}

/// The same numbers but for rounding and, where nothing is projected, the same bits: a projected
/// row's sum over one batch meets the weights before it is added.
void expect_equal_training(const TinyTraining& tiny, const TrainState& a, const TrainState& b) {
  if (tiny.network.projected_tables().empty()) {
    EXPECT_EQ(a.digest(), b.digest());
  }
  for (std::size_t block = 0; block < tiny.network.layout().blocks().size(); ++block) {
    const auto of_a = a.parameters.values(block);
    const auto of_b = b.parameters.values(block);
    for (std::size_t i = 0; i < of_a.size(); ++i) ASSERT_NEAR(of_a[i], of_b[i], 1e-5);
  }
}

// Exact sums of whole tiles: 320 = 64 x 5 rows, in groups of 128 and an epoch's last of 64.
TEST(Trainer, BatchesOfWholeTilesAddUpToALargeBatch) {
  for (const std::string_view variant : testing::variant_names()) {
    SCOPED_TRACE(variant);
    TinyTraining tiny(variant);
    const TrainState one = trained(tiny, {128});
    EXPECT_EQ(one.step, 6U);
    expect_equal_training(tiny, trained(tiny, {64, 2}), one);
    const TrainState whole = trained(tiny, {320});
    expect_equal_training(tiny, trained(tiny, {64, 5}), whole);
    EXPECT_EQ(trained(tiny, {64, 1000}).digest(), trained(tiny, {64, 5}).digest());
  }
}

TEST(Trainer, AGroupOfBatchesEndsWithTheEpoch) {
  TinyTraining tiny("one_layer");
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  Trainer trainer(self, team, tiny.input(), *tiny.rules, {50, 3}, tiny.initial(self));
  std::vector<std::uint64_t> positions;
  while (trainer.state().epoch == 0) {
    trainer.train([](std::uint64_t) { return StepRequest{false, true}; });
    positions.push_back(trainer.state().position);
  }
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{150, 300, 0}));
  EXPECT_EQ(trainer.statistics().exchanges, 7U);
}

TEST(Trainer, AStepIsAskedAboutOnceAndEndsWhole) {
  TinyTraining tiny("one_layer");
  std::vector<std::uint64_t> asked;
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  Trainer trainer(self, team, tiny.input(), *tiny.rules, {50, 3}, tiny.initial(self));
  trainer.train([&](std::uint64_t step) {
    asked.push_back(step);
    return StepRequest{step == 2, false};
  });
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(trainer.state().position, 300U);
}

/// Length of the way from the initial parameters.
double way(const TinyTraining& tiny, const TrainState& state) {
  const TrainState initial = tiny.initial();
  double squares = 0;
  for (std::size_t block = 0; block < tiny.network.layout().blocks().size(); ++block) {
    const auto from = initial.parameters.values(block);
    const auto to = state.parameters.values(block);
    for (std::size_t i = 0; i < to.size(); ++i) {
      squares += std::pow(static_cast<double>(to[i]) - static_cast<double>(from[i]), 2);
    }
  }
  return std::sqrt(squares);
}

// With plain steps at rate 1 the way of one update is the mean gradient's length.
TEST(Trainer, ALongGradientIsShortenedToTheClipNorm) {
  for (const std::string_view variant : testing::variant_names()) {
    TinyTraining tiny(variant, {"sgd", 1, {}});
    const auto way_of = [&](double clip_norm) {
      comm::SelfCommunicator self;
      const math::ThreadTeam team(1);
      Trainer trainer(self, team, tiny.input(), *tiny.rules, {320, 1, clip_norm},
                      tiny.initial(self));
      trainer.train_epoch();
      return way(tiny, trainer.state());
    };
    const double whole = way_of(0);
    ASSERT_GT(whole, 0.01);
    EXPECT_NEAR(way_of(whole / 3), whole / 3, 1e-5 * whole);
    EXPECT_EQ(way_of(whole * 1.01), whole) << "what is short enough keeps its bits";
  }
}

// Beside the average that is added up here from the weights after each step.
TEST(Trainer, TheAverageIsThatOfTheWeightsAfterEachStep) {
  for (const std::string_view variant : testing::variant_names()) {
    TinyTraining tiny(variant, {"adam", 0.05, {}, 0.25});
    comm::SelfCommunicator self;
    const math::ThreadTeam team(1);
    Trainer trainer(self, team, tiny.input(), *tiny.rules, {64}, tiny.initial());
    nn::ParameterSet expected = *tiny.initial().average;
    while (trainer.state().epoch < 2) {
      trainer.train([](std::uint64_t) { return StepRequest{false, true}; });
      const auto n = static_cast<double>(trainer.state().step);
      const double kept = n < 5 ? (n - 1) / (n + 9) : 0.25;
      for (std::size_t block = 0; block < expected.layout().blocks().size(); ++block) {
        const auto w = trainer.state().parameters.values(block);
        const auto average = trainer.state().average->values(block);
        for (std::size_t i = 0; i < w.size(); ++i) {
          float& value = expected.values(block)[i];
          value = static_cast<float>(kept * static_cast<double>(value) +
                                     (1 - kept) * static_cast<double>(w[i]));
          ASSERT_NEAR(average[i], value, 1e-6) << variant << ", step " << n;
        }
      }
    }
  }
}

TEST(Trainer, TheRateFollowsTheScheduleOverEpochs) {
  TinyTraining tiny("basic");
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  Trainer trainer(self, team, tiny.input(), *tiny.rules,
                  {64, 1, 0, {"linear:over=4,end=0", {5, 0}, 4}}, tiny.initial());
  // The last of five updates of an epoch begins after 4/5 of it; the warm-up ends with the first.
  EXPECT_DOUBLE_EQ(trainer.train_epoch().rate_factor, 1 - 0.8 / 4);
  EXPECT_DOUBLE_EQ(trainer.train_epoch().rate_factor, 1 - 1.8 / 4);
}

TEST(Trainer, NodesExchangeNoMoreThanTheLowerBoundAndScalarsAndOneNodeNothing) {
  for (const std::string_view variant : testing::variant_names()) {
    TinyTraining tiny(variant);
    for (const int nodes : {1, 2}) {
      test::run_ranks(
          2 * nodes,
          [&](comm::Communicator& ranks) {
            const math::ThreadTeam team(1);
            NodeRows rows(ranks, team, tiny.set, shards::Part::train);
            Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, {150}, tiny.initial(ranks));
            trainer.train_epoch();
            const TrainStatistics& statistics = trainer.statistics();
            if (nodes == 1) {
              EXPECT_EQ(statistics.bytes.sent, 0U);
              return;
            }
            // Seven scalars a batch, and each dense block filled up to a cache line of floats.
            const std::uint64_t blocks = tiny.network.layout().blocks().size();
            EXPECT_LE(statistics.bytes.sent,
                      statistics.bytes.needed + statistics.exchanges * 8 * (7 + 15 * blocks));
            EXPECT_GE(statistics.bytes.sent,
                      statistics.bytes.needed + statistics.exchanges * 8 * 7);
          },
          2);
    }
  }
}

TEST(Trainer, ALossThatIsNotFiniteEndsAllRanksTogether) {
  TinyTraining tiny("one_layer", {"adagrad", 1e30, {}});
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("not finite"), [&] {
    test::run_ranks(3, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(1);
      NodeRows rows(ranks, math::ThreadTeam(1), tiny.set, shards::Part::train);
      Trainer trainer(ranks, team, tiny.input(rows), *tiny.rules, {64}, tiny.initial(ranks));
      for (int epoch = 0; epoch < 20; ++epoch) trainer.train_epoch();
    });
  });
}

TEST(NodeRowsRead, AFlippedByteInAShardEndsAllRanksWithItsName) {
  TinyTraining tiny("basic");
  const auto path = tiny.set.folder() / tiny.set.manifest().shards[1].file;
  testing::flip_byte(path, std::filesystem::file_size(path) / 2);
  for (const int ranks : {1, 2, 3, 4, 8}) {
    testing::expect_error(
        ErrorKind::input, ::testing::HasSubstr(tiny.set.manifest().shards[1].file), [&] {
          test::run_ranks(ranks, [&](comm::Communicator& communicator) {
            NodeRows(communicator, math::ThreadTeam(2), tiny.set, shards::Part::train);
          });
        });
  }
}

TEST(NodeRowsRead, EveryNodeHoldsEveryRowInOrder) {
  TinyTraining tiny("basic");
  for (const int ranks_per_node : {1, 2, 3}) {
    test::run_ranks(
        4,
        [&](comm::Communicator& ranks) {
          const NodeRows rows(ranks, math::ThreadTeam(2), tiny.set, shards::Part::train);
          const shards::RatingView& held = rows.ratings();
          ASSERT_EQ(held.size(), tiny.training.rating.size());
          for (std::size_t row = 0; row < held.size(); ++row) {
            ASSERT_EQ(held.user[row], tiny.training.user[row]);
            ASSERT_EQ(held.item[row], tiny.training.item[row]);
            ASSERT_EQ(held.rating[row], tiny.training.rating[row]);
          }
          EXPECT_TRUE(std::ranges::equal(held.timestamp, tiny.training.timestamp));
        },
        ranks_per_node);
  }
}

}  // namespace
}  // namespace nnrec::train
