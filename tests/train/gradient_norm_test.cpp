#include "nnrec/train/gradient_norm.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/self_communicator.hpp"

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

TEST(GradientNorm, IsTheLengthOverDenseBlocksAndRowsOnAnyThreads) {
  std::vector<std::int64_t> dense;
  std::vector<std::int64_t> sums;
  double squares = 0;
  const auto add = [&](double value, std::vector<std::int64_t>& to) {
    to.push_back(GradientFixed::from(value));
    const double rounded = GradientFixed::to_double(to.back());
    squares += rounded * rounded;
  };
  for (int i = 0; i < 50; ++i) add(std::sin(i), dense);
  for (int i = 0; i < 21; ++i) add(100 * std::cos(i), sums);
  const std::vector<std::uint32_t> rows{1, 5, 6, 8, 9, 11, 12};
  const SummedGradient<std::int64_t> gradient{dense, {{0, 3, rows, sums.data()}}};
  comm::SelfCommunicator self;
  const math::ThreadTeam alone(1);
  const Station station = Station::of(self);
  const double norm = GradientNorm(self, station, alone).of(gradient);
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-10);
  for (const int ranks : {1, 2, 3, 8}) {
    for (const int threads : {1, 2, 7}) {
      test::run_ranks(
          ranks,
          [&](comm::Communicator& communicator) {
            const math::ThreadTeam team(threads);
            const Station place = Station::of(communicator);
            EXPECT_EQ(GradientNorm(communicator, place, team).of(gradient), norm)
                << ranks << " ranks, " << threads << " threads";
          },
          3);
    }
  }
}

TEST(GradientNorm, OfOwnersIsThatOfAllTheirRows) {
  const std::vector<std::int64_t> dense{3 * GradientFixed::from(1)};
  const std::vector<std::uint32_t> rows{0};
  const std::vector<std::int64_t> sums{4 * GradientFixed::from(1)};
  test::run_ranks(
      5,
      [&](comm::Communicator& ranks) {
        const math::ThreadTeam team(2);
        const Station station = Station::among_owners(ranks, Owners::kLeastRunRows);
        SummedGradient<std::int64_t> gradient{dense, {}};
        if (ranks.node() == 1) gradient.tables.push_back({0, 1, rows, sums.data()});
        EXPECT_EQ(GradientNorm(ranks, station, team).of(gradient), 5.0);
      },
      2);
}

TEST(GradientNorm, OfNothingIsZero) {
  comm::SelfCommunicator self;
  const math::ThreadTeam team(2);
  const Station station = Station::of(self);
  EXPECT_EQ(GradientNorm(self, station, team).of({}), 0);
}

}  // namespace
}  // namespace nnrec::train
