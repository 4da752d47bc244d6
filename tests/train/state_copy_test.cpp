#include "nnrec/train/state_copy.hpp"

#include <gtest/gtest.h>

#include "nnrec/nn/first_weights.hpp"

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

nn::ParameterLayout two_blocks() {
  nn::ParameterLayout layout;
  layout.add("user", 101, 7, nn::BlockKind::table, nn::InitialValues::embedding);
  layout.add("weights", 3, 5, nn::BlockKind::dense, nn::InitialValues::glorot_uniform);
  return layout;
}

TEST(StateCopy, HoldsWhatTheStateWasWhenItWasTaken) {
  const nn::ParameterLayout layout = two_blocks();
  nn::UpdateOptions options;
  options.average_decay = 0.9;
  const nn::UpdateRules rules(layout, options);
  for (const int size : {1, 2, 3, 4}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const math::ThreadTeam team(2);
      TrainState state = initial_state(ranks, layout, rules, nn::FirstWeights(5));
      state.sampling.emplace(ranks, layout);
      state.sampling->test.emplace(ranks, 9);
      state.sampling->precision[0] = 2.5;
      state.sampling->snapshot.values(0)[4] = 7;
      state.sampling->test->sums()[3] = 11;
      state.step = 12;
      StateCopy copy(ranks, team, state);
      for (const std::uint64_t step : {12U, 13U}) {
        state.step = step;
        ranks.node_barrier();
        copy.take(state);
        const std::string then = state.digest();
        EXPECT_EQ(copy.state().digest(), then);
        EXPECT_EQ(copy.state().sampling->test->sums()[3], state.sampling->test->sums()[3]);
        ranks.node_barrier();
        if (ranks.rank() == 0) {
          state.parameters.values(0)[700] += 1;
          state.average->values(0)[3] += 1;
          state.sampling->test->sums()[3] += 1;
        }
        ranks.node_barrier();
        EXPECT_NE(state.digest(), then);
        EXPECT_NE(copy.state().model().digest(), state.model().digest());
        EXPECT_EQ(copy.state().digest(), then) << "what is trained later is no part of it";
        EXPECT_NE(copy.state().sampling->test->sums()[3], state.sampling->test->sums()[3]);
      }
      EXPECT_EQ(StateCopy::bytes(state),
                sizeof(float) * (3 * layout.buffer_size() + rules.state_layout().buffer_size()) +
                    9 * sizeof(std::int64_t));
    });
  }
}

}  // namespace
}  // namespace nnrec::train
