#include "nnrec/train/prediction_sums.hpp"

#include <algorithm>
#include <array>
#include <vector>

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
          sums.end_model({own});
          sums.complete(ranks);
          for (std::size_t row = 0; row < 10; ++row) {
            EXPECT_EQ(sums.mean(row, static_cast<std::uint64_t>(samples)), static_cast<float>(row));
          }
          ranks.node_barrier();
        }
      },
      2);
}

// As who resumes has them, and saves before the next model.
TEST(PredictionSums, ThatWereReadStayWhatTheyAre) {
  test::run_ranks(
      4,
      [](comm::Communicator& ranks) {
        PredictionSums sums(ranks, 10);
        const std::int64_t read = GradientFixed::from(3.0);
        if (ranks.node_rank() == 0) std::ranges::fill(sums.sums(), read);
        ranks.node_barrier();
        sums.complete(ranks);
        for (const std::int64_t sum : sums.sums()) EXPECT_EQ(sum, read);
        ranks.node_barrier();
        const Range own = share_of(10, ranks.rank(), ranks.size());
        const std::vector<float> more(own.size(), 5.0F);
        sums.add(own, more);
        sums.end_model({own});
        for (int saves = 0; saves < 2; ++saves) {
          sums.complete(ranks);
          for (std::size_t row = 0; row < 10; ++row) EXPECT_EQ(sums.mean(row, 2), 4.0F);
          ranks.node_barrier();
        }
      },
      2);
}

}  // namespace
}  // namespace nnrec::train
