#include "nnrec/train/phases.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

using namespace std::chrono_literals;

TEST(PhaseClock, EveryMomentBelongsToThePhaseThatEndsIt) {
  PhaseClock clock;
  clock.keep_slices(100);
  std::this_thread::sleep_for(3ms);
  clock.start();  // what was before is nobody's
  std::this_thread::sleep_for(5ms);
  clock.end(Phase::compute, 1);
  clock.end(Phase::wait, 1);
  std::this_thread::sleep_for(5ms);
  clock.end(Phase::compute, 2);
  EXPECT_GE(clock.seconds(Phase::compute), 0.010);
  EXPECT_EQ(clock.seconds(Phase::save), 0);
  const auto& slices = clock.slices();
  ASSERT_EQ(slices.size(), 3U);
  EXPECT_EQ(slices[1].begin, slices[0].begin + slices[0].length) << "without gaps";
  EXPECT_EQ(slices[2].begin, slices[1].begin + slices[1].length);
  EXPECT_EQ(slices[2].step, 2U);
  EXPECT_EQ(slices[2].phase, Phase::compute);
}

TEST(PhaseClock, SlicesBeginAtTheSystemsTime) {
  const auto before = std::chrono::system_clock::now().time_since_epoch();
  PhaseClock clock;
  clock.keep_slices(1);
  clock.end(Phase::sum, 1);
  const auto apart = std::chrono::nanoseconds(clock.slices()[0].begin) - before;
  EXPECT_LT(std::chrono::abs(apart), 60s);
}

TEST(PhaseClock, MoreSlicesThanAskedForAreCountedOnly) {
  PhaseClock clock;
  clock.keep_slices(2);
  for (int i = 0; i < 5; ++i) clock.end(Phase::update, 1);
  EXPECT_EQ(clock.slices().size(), 2U);
  EXPECT_EQ(clock.slices_left_out(), 3U);
  EXPECT_GT(clock.seconds(Phase::update), 0);
}

TEST(PhaseClock, WithoutAskingNothingIsKept) {
  PhaseClock clock;
  clock.end(Phase::update, 1);
  EXPECT_TRUE(clock.slices().empty());
  EXPECT_EQ(clock.slices_left_out(), 0U);
}

}  // namespace
}  // namespace nnrec::train
