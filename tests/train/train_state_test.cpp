#include "nnrec/train/train_state.hpp"

#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

TEST(TrainState, ItsDigestFollowsAllThatDecidesLaterBits) {
  testing::TinyTraining tiny("one_layer");
  const TrainState state = tiny.initial();
  EXPECT_EQ(state.digest(), tiny.initial().digest());
  const auto changed = [&](auto change) {
    TrainState other = tiny.initial();
    change(other);
    return other.digest() != state.digest();
  };
  EXPECT_TRUE(changed([](TrainState& s) { ++s.seed; }));
  EXPECT_TRUE(changed([](TrainState& s) { ++s.epoch; }));
  EXPECT_TRUE(changed([](TrainState& s) { ++s.position; }));
  EXPECT_TRUE(changed([](TrainState& s) { ++s.step; }));
  EXPECT_TRUE(changed([](TrainState& s) { s.epoch_squared_error += 1; }));
  EXPECT_TRUE(changed([](TrainState& s) { s.parameters.values(0)[3] += 1; }));
  EXPECT_TRUE(changed([](TrainState& s) { s.optimizer_state.values(0)[0] += 1; }));
  EXPECT_TRUE(changed([](TrainState& s) { s.average = s.parameters; }));
  EXPECT_FALSE(changed([](TrainState& s) { s.best_rmse = 0.5; })) << "the best aside";
}

TEST(TrainState, EveryRankReceivesThatOfRank0) {
  testing::TinyTraining tiny("basic", {"adam", 0.1, {}, 0.9});
  TrainState trained = tiny.initial();
  trained.step = 7;
  trained.epoch_squared_error = WideSum({1, 2, 3});
  trained.parameters.values(1)[0] = 42;
  trained.optimizer_state.values(0)[0] = 43;
  trained.average->values(1)[0] = 44;
  for (const int size : {1, 2, 3, 4, 8}) {
    for (const int ranks_per_node : {1, 2, 8}) {
      test::run_ranks(
          size,
          [&](comm::Communicator& ranks) {
            const bool is_first_node = ranks.node_first() == 0;
            TrainState state = tiny.on_node(ranks, is_first_node ? trained : tiny.initial());
            if (ranks.rank() != 0) static_cast<TrainProgress&>(state) = {};
            copy_to_all(ranks, state);
            EXPECT_EQ(state.digest(), trained.digest())
                << "rank " << ranks.rank() << " of " << size;
          },
          ranks_per_node);
    }
  }
}

TEST(TrainState, TheRanksOfANodeMakeTheFirstOneTogether) {
  testing::TinyTraining tiny("complex", {"adam", 0.1, {}, 0.9});
  EXPECT_EQ(tiny.initial().model().digest(), tiny.initial().parameters.digest());
  const std::string expected = tiny.initial().digest();
  for (const int size : {1, 2, 3, 4, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      EXPECT_EQ(tiny.initial(ranks).digest(), expected) << size << " ranks";
    });
  }
}

}  // namespace
}  // namespace nnrec::train
