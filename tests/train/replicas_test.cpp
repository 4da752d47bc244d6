#include "nnrec/train/replicas.hpp"

#include <bit>
#include <functional>

#include <gmock/gmock.h>

#include "support/expect_error.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;
using Change = std::function<void(TrainState&, int rank)>;

/// What ranks, each a node, say that were changed after their start, with 1 or 2 threads each.
void compare(int size, const Change& change) {
  testing::TinyTraining tiny("one_layer", {"adagrad", 0.1, {}, 0.9});
  test::run_ranks(
      size,
      [&](comm::Communicator& ranks) {
        TrainState state = tiny.initial();
        state.step = 7;
        change(state, ranks.rank());
        require_equal_replicas(ranks, math::ThreadTeam(1 + ranks.rank() % 2), state, "one_layer");
      },
      1);
}

void flip_lowest_bit(float& value) {
  value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ 1U);
}

TEST(Replicas, EqualOnesPassOnAnyRanks) {
  for (const int size : {1, 2, 3, 8}) compare(size, [](TrainState&, int) {});
}

TEST(Replicas, OneOtherBitIsNamedByRankAndBlockWhereverItStands) {
  const testing::TinyTraining tiny("one_layer");
  const TrainState initial = tiny.initial();
  const auto expect_named = [](const std::string& name, const Change& change) {
    expect_error(ErrorKind::io,
                 HasSubstr("after step 7 rank 2 holds other bits of " + name + " than rank 0"),
                 [&] { compare(4, change); });
  };
  const auto& blocks = initial.parameters.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (const std::size_t at : {std::size_t{0}, blocks[block].size() - 1}) {
      expect_named("parameters/" + blocks[block].name, [&](TrainState& state, int rank) {
        if (rank == 2) flip_lowest_bit(state.parameters.values(block)[at]);
      });
    }
  }
  const std::string slot = initial.optimizer_state.layout()[0].name;
  expect_named("state/" + slot, [](TrainState& state, int rank) {
    if (rank == 2) flip_lowest_bit(state.optimizer_state.values(0).back());
  });
  expect_named("average/" + blocks[1].name, [](TrainState& state, int rank) {
    if (rank == 2) flip_lowest_bit(state.average->values(1)[0]);
  });
  expect_named("the progress", [](TrainState& state, int rank) {
    if (rank == 2) state.epoch_squared_error += 1;
  });
}

TEST(Replicas, RanksOfANodeHoldOneAndNeedOnlyBeAsFar) {
  testing::TinyTraining tiny("one_layer");
  for (const bool is_as_far : {true, false}) {
    const auto run = [&] {
      test::run_ranks(
          5,
          [&](comm::Communicator& ranks) {
            TrainState state = tiny.initial(ranks);
            state.step = is_as_far || ranks.rank() != 3 ? 7 : 8;
            require_equal_replicas(ranks, math::ThreadTeam(1), state, "one_layer");
          },
          2);
    };
    if (is_as_far) {
      run();
    } else {
      expect_error(ErrorKind::io, HasSubstr("rank 3 holds other bits of the progress than rank 0"),
                   run);
    }
  }
}

TEST(Replicas, OptimiserStateMayBeLeftOut) {
  testing::TinyTraining tiny("one_layer");
  test::run_ranks(
      2,
      [&](comm::Communicator& ranks) {
        TrainState state = tiny.initial(ranks);
        if (ranks.rank() == 1) flip_lowest_bit(state.optimizer_state.values(0)[0]);
        require_equal_replicas(ranks, math::ThreadTeam(1), state, "one_layer",
                               Compared::parameters);
      },
      1);
}

TEST(Replicas, TheRankThatDiffersFromMostIsNamedAlsoWhereItIsTheFirst) {
  expect_error(ErrorKind::io, HasSubstr("rank 0 holds other bits of parameters/"), [] {
    compare(3, [](TrainState& state, int rank) {
      if (rank == 0) flip_lowest_bit(state.parameters.values(0)[3]);
    });
  });
}

}  // namespace
}  // namespace nnrec::train
