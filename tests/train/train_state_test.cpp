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
  EXPECT_FALSE(changed([](TrainState& s) { s.best_rmse = 0.5; })) << "the best aside";
}

TEST(TrainState, EveryRankReceivesThatOfTheRoot) {
  testing::TinyTraining tiny("basic");
  TrainState trained = tiny.initial();
  trained.step = 7;
  trained.epoch_squared_error = WideSum({1, 2, 3});
  trained.parameters.values(1)[0] = 42;
  trained.optimizer_state.values(0)[0] = 43;
  for (const int size : {1, 2, 3, 4, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      TrainState state = ranks.rank() == 0 ? trained : tiny.initial();
      broadcast(ranks, state, 0);
      EXPECT_EQ(state.digest(), trained.digest()) << "rank " << ranks.rank() << " of " << size;
    });
  }
}

}  // namespace
}  // namespace nnrec::train
