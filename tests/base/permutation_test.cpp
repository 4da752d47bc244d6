#include "nnrec/base/permutation.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

namespace nnrec {
namespace {

TEST(Permutation, IsABijectionForEverySize) {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1000, 80000}) {
    const Permutation permutation(size, 42, Purpose::epoch_order, size);
    std::vector<bool> seen(size, false);
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::uint64_t value = permutation(index);
      ASSERT_LT(value, size);
      ASSERT_FALSE(seen[value]) << "size " << size << " value " << value << " twice";
      seen[value] = true;
    }
  }
}

TEST(Permutation, TheInverseTakesEveryValueBackToItsIndex) {
  for (std::uint64_t size = 1; size < 300; ++size) {
    const Permutation permutation(size, size, Purpose::epoch_order, 7);
    for (std::uint64_t index = 0; index < size; ++index) {
      ASSERT_EQ(permutation.index_of(permutation(index)), index) << "size " << size;
    }
  }
  // Too many to try them all: the first, the last and some between, at sizes beyond 32 bits too.
  for (const std::uint64_t size :
       {std::uint64_t{65537}, std::uint64_t{25000095}, (std::uint64_t{1} << 32) - 1,
        (std::uint64_t{1} << 32) + 1, (std::uint64_t{1} << 52) + 12345}) {
    const Permutation permutation(size, 3, Purpose::split, size);
    for (std::uint64_t piece = 0; piece < 1000; ++piece) {
      const std::uint64_t index = size / 1000 * piece;
      ASSERT_EQ(permutation.index_of(permutation(index)), index) << "size " << size;
      ASSERT_EQ(permutation(permutation.index_of(index)), index) << "size " << size;
    }
    ASSERT_EQ(permutation.index_of(permutation(size - 1)), size - 1);
  }
}

TEST(Permutation, EqualKeysAreEqual) {
  const Permutation base(1000, 1, Purpose::epoch_order, 0);
  EXPECT_EQ(base, Permutation(1000, 1, Purpose::epoch_order, 0));
  EXPECT_FALSE(base == Permutation(1000, 1, Purpose::epoch_order, 1));
  EXPECT_FALSE(base == Permutation(1001, 1, Purpose::epoch_order, 0));
}

TEST(Permutation, SeedPurposeAndStepEachGiveAnotherOrder) {
  const auto count_equal = [](const Permutation& a, const Permutation& b) {
    int equal = 0;
    for (std::uint64_t index = 0; index < 1000; ++index) equal += a(index) == b(index) ? 1 : 0;
    return equal;
  };
  const Permutation base(1000, 1, Purpose::epoch_order, 0);
  EXPECT_EQ(count_equal(base, Permutation(1000, 1, Purpose::epoch_order, 0)), 1000);
  EXPECT_LT(count_equal(base, Permutation(1000, 2, Purpose::epoch_order, 0)), 20);
  EXPECT_LT(count_equal(base, Permutation(1000, 1, Purpose::split, 0)), 20);
  EXPECT_LT(count_equal(base, Permutation(1000, 1, Purpose::epoch_order, 1)), 20);
}

// Over many keys, where an element lands is uniform: chi-square over the cells of a small table.
TEST(Permutation, PositionsAreUniformOverKeys) {
  constexpr std::uint64_t kSize = 10;
  constexpr int kKeys = 20000;
  std::vector<std::vector<int>> landed(kSize, std::vector<int>(kSize, 0));
  for (int key = 0; key < kKeys; ++key) {
    const Permutation permutation(kSize, static_cast<std::uint64_t>(key), Purpose::split, 0);
    for (std::uint64_t index = 0; index < kSize; ++index) ++landed[index][permutation(index)];
  }
  double chi_square = 0;
  const double expected = static_cast<double>(kKeys) / kSize;
  for (const auto& row : landed) {
    for (const int count : row) chi_square += (count - expected) * (count - expected) / expected;
  }
  // 81 degrees of freedom: mean 81, standard deviation 12.7; the bound is 5 deviations above.
  EXPECT_LT(chi_square, 145.0);
}

// Neighbours in order must not stay neighbours: the lag-1 correlation of the values is near zero.
TEST(Permutation, NeighboursAreUncorrelated) {
  constexpr std::uint64_t kSize = 80000;
  const Permutation permutation(kSize, 1, Purpose::epoch_order, 3);
  const double middle = (kSize - 1) / 2.0;
  double covariance = 0;
  for (std::uint64_t index = 0; index + 1 < kSize; ++index) {
    covariance += (static_cast<double>(permutation(index)) - middle) *
                  (static_cast<double>(permutation(index + 1)) - middle);
  }
  const double variance = (static_cast<double>(kSize) * kSize - 1) / 12.0;
  EXPECT_LT(std::abs(covariance / (kSize - 1) / variance), 5.0 / std::sqrt(kSize));
}

TEST(Permutation, NothingToPermuteIsRefused) {
  EXPECT_THROW(Permutation(0, 1, Purpose::split, 0), Error);
}

}  // namespace
}  // namespace nnrec
