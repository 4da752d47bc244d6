#include "nnrec/math/thread_team.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nnrec::math
