#include "nnrec/serve/bootstrap.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

namespace nnrec::serve {
namespace {

/// Sums that are normal with deviation 2 about 7, weights of one.
UserRatio normal_users(std::size_t users) {
  UserRatio ratio;
  const CounterRandom random(3, Purpose::synthetic, 0);
  for (std::size_t user = 0; user < users; ++user) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform(2 * user)));
    ratio.sums.push_back(7 +
                         2 * radius * std::cos(6.283185307179586 * random.uniform(2 * user + 1)));
    ratio.weights.push_back(1);
  }
  return ratio;
}

TEST(Bootstrap, TheIntervalOfAMeanIsTwoStandardErrorsWideOnEachSide) {
  const UserRatio ratio = normal_users(400);
  const Interval interval = middle(resample(ratio, math::ThreadTeam(2)));
  const double standard_error = 2.0 / std::sqrt(400.0);
  EXPECT_NEAR(interval.low, ratio.value() - 1.96 * standard_error, 0.03);
  EXPECT_NEAR(interval.high, ratio.value() + 1.96 * standard_error, 0.03);
}

TEST(Bootstrap, DrawsAreTheSameForAnyThreadsAndPairedBetweenRatios) {
  const UserRatio ratio = normal_users(50);
  UserRatio shifted = ratio;
  for (double& sum : shifted.sums) sum += 0.5;
  const auto one = resample(ratio, math::ThreadTeam(1));
  EXPECT_EQ(resample(ratio, math::ThreadTeam(3)), one);
  const auto other = resample(shifted, math::ThreadTeam(1));
  for (std::size_t draw = 0; draw < kResamples; ++draw)
    EXPECT_NEAR(other[draw] - one[draw], 0.5, 1e-12) << "a constant difference has no spread";
}

TEST(Bootstrap, RatiosDivideSumsBySums) {
  const UserRatio ratio{{1, 9}, {1, 4}};
  EXPECT_DOUBLE_EQ(ratio.value(), 2.0) << "not the mean of 1 and 2.25";
  EXPECT_TRUE(std::isnan(UserRatio{}.value()));
}

}  // namespace
}  // namespace nnrec::serve
