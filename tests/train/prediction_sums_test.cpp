#include "nnrec/train/prediction_sums.hpp"

#include <array>

#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

/// Five ranks, two a node, each with two of ten rows, whose prediction is the row's number.
TEST(PredictionSums, EveryNodeHasAllOnceTheyAreComplete) {
  test::run_ranks(
      5,
      [](comm::Communicator& ranks) {
        PredictionSums sums(ranks, 10);
        const Range own = share_of(10, ranks.rank(), ranks.size());
        for (int samples = 1; samples <= 3; ++samples) {
          for (std::size_t row = own.begin; row < own.end; ++row) {
            const std::array prediction{static_cast<float>(row)};
            sums.add({row, row + 1}, prediction);
          }
          sums.evaluate_here({own});
          sums.complete(ranks);
          for (std::size_t row = 0; row < 10; ++row) {
            EXPECT_EQ(sums.mean(row, static_cast<std::uint64_t>(samples)), static_cast<float>(row));
          }
          ranks.node_barrier();
        }
      },
      2);
}

}  // namespace
}  // namespace nnrec::train
