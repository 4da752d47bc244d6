#include "nnrec/train/place_sums.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

TEST(PlaceSums, AddUpOverPartsAndRanksInAnyOrder) {
  test::run_ranks(3, [](comm::Communicator& ranks) {
    PlaceSums sums(2);
    PlaceSums more(2);
    sums.add(0, 0.1 * ranks.rank());
    more.add(0, 4e9);
    more.add(1, -0.25);
    sums.add(more);
    sums.sum(ranks);
    EXPECT_NEAR(sums.of(0), 12e9 + 0.3, 3e-6);
    EXPECT_EQ(sums.of(1), -0.75);
    EXPECT_EQ(sums.left_out(), 0);
  });
}

TEST(PlaceSums, WhatDoesNotFitIsCounted) {
  PlaceSums sums(1);
  sums.add(0, 1);
  sums.add(0, 5e9);
  sums.add(0, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(sums.of(0), 1);
  EXPECT_EQ(sums.left_out(), 2);
}

}  // namespace
}  // namespace nnrec::train
