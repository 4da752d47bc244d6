#include "nnrec/math/thread_team.hpp"

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include "support/expect_error.hpp"

namespace nnrec::math {
namespace {

TEST(ThreadTeam, EachPieceRunsOnceOnAKnownThread) {
  for (const int threads : {1, 2, 3, 8}) {
    const ThreadTeam team(threads);
    for (const std::size_t pieces : {0U, 1U, 2U, 100U}) {
      std::vector<std::atomic<int>> runs(pieces);
      team.for_each(pieces, [&](std::size_t piece, std::size_t thread) {
        ASSERT_LT(thread, static_cast<std::size_t>(threads));
        ++runs[piece];
      });
      for (const auto& count : runs) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ThreadTeam, TheLowestFailingPieceIsReported) {
  for (const int threads : {1, 3}) {
    const ThreadTeam team(threads);
    try {
      team.for_each(50, [](std::size_t piece, std::size_t) {
        if (piece % 7 == 5) throw std::runtime_error(std::to_string(piece));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "5");
    }
  }
}

TEST(ThreadTeam, PiecesMadeByManyAreUsedInOrder) {
  for (const int threads : {1, 2, 3, 8}) {
    const ThreadTeam team(threads);
    for (const std::size_t pieces : {0U, 1U, 2U, 500U}) {
      std::vector<std::size_t> slots(team.slots());
      std::vector<std::size_t> used;
      team.make_in_order(
          pieces,
          [&](std::size_t piece, std::size_t slot, std::size_t thread) {
            ASSERT_LT(thread, static_cast<std::size_t>(threads));
            if (piece % 9 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
            slots[slot] = piece;
          },
          [&](std::size_t piece, std::size_t slot) {
            EXPECT_EQ(slots[slot], piece);
            used.push_back(piece);
          });
      std::vector<std::size_t> expected(pieces);
      std::iota(expected.begin(), expected.end(), std::size_t{0});
      EXPECT_EQ(used, expected);
    }
  }
}

TEST(ThreadTeam, TheLowestPieceThatFailsInOrderIsReported) {
  for (const int threads : {1, 2, 5}) {
    for (const bool in_use : {false, true}) {
      std::vector<std::size_t> used;
      const auto fail = [](std::size_t piece) {
        if (piece % 100 == 41) throw std::runtime_error(std::to_string(piece));
      };
      try {
        ThreadTeam(threads).make_in_order(
            500,
            [&](std::size_t piece, std::size_t, std::size_t) { in_use ? void() : fail(piece); },
            [&](std::size_t piece, std::size_t) {
              if (in_use) fail(piece);
              used.push_back(piece);
            });
        FAIL() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "41");
      }
      EXPECT_EQ(used.size(), 41);
    }
  }
}

TEST(ThreadTeam, WhatOpenMpWouldStartHasTheLimitOfTheOption) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(kMostThreads);
  EXPECT_EQ(ThreadTeam(0).size(), kMostThreads);
  omp_set_num_threads(100'000);
  EXPECT_EQ(ThreadTeam(2).size(), 2);
  testing::expect_error(ErrorKind::usage, ::testing::HasSubstr("OMP_NUM_THREADS asks for 100000"),
                        [] { ThreadTeam(0); });
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace nnrec::math
