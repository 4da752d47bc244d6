#include "nnrec/train/sum_grid.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::train {
namespace {

TEST(SumGrid, TheLargestIsBelow65536UnitsAndFromHalfOfThatOn) {
  for (const float largest : {1e-3F, 0.25F, std::nextafter(0.25F, 0.0F), 1.0F, 777.0F, 4.2e9F}) {
    const std::int64_t shift = grid_shift(largest);
    const double units =
        static_cast<double>(largest) * GradientFixed::grid_scale(static_cast<unsigned>(shift));
    EXPECT_LT(units, 65536) << largest;
    EXPECT_GE(units, 32768) << largest;
  }
}

TEST(SumGrid, IsNeverFinerThanSumsAreAnyway) {
  for (const float largest : {0.0F, 1e-45F, 1e-20F, 6.1e-5F}) EXPECT_EQ(grid_shift(largest), 0);
  EXPECT_EQ(grid_shift(6.2e-5F), 1);
  EXPECT_EQ(grid_shift(0x1p32F), std::int64_t{kMostShift}) << "more cannot be summed";
}

TEST(SumGrid, TheCoarsestOfAllNodesIsFoundInTheSumOfTheirWords) {
  for (const std::size_t nodes : {1U, 2U, 3U, 65535U}) {
    for (std::int64_t coarsest = 0; coarsest <= kMostShift; ++coarsest) {
      std::array<std::int64_t, kGridWords> sums{};
      for (std::size_t node = 0; node < nodes; ++node) {
        std::array<std::int64_t, kGridWords> words{};
        words.fill(5);  // of a batch before
        write_shift(node % 3 == 0 ? coarsest : coarsest / 2, words);
        for (std::size_t i = 0; i < kGridWords; ++i) {
          sums[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sums[i]) +
                                              static_cast<std::uint64_t>(words[i]));
        }
      }
      ASSERT_EQ(largest_shift(sums), coarsest) << nodes << " nodes";
    }
  }
}

}  // namespace
}  // namespace nnrec::train
