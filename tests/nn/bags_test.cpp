#include "nn/layers/bags.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

namespace nnrec::nn {
namespace {

/// Four bags over six rows: of three, none, one, and one with a member twice.
struct SomeBags {
  std::vector<std::uint32_t> offsets{0, 3, 3, 4, 7};
  std::vector<std::uint32_t> values{4, 0, 5, 2, 1, 1, 3};
  Bags all() const { return {offsets.data(), values.data()}; }
  std::uint32_t size(std::size_t bag) const { return offsets[bag + 1] - offsets[bag]; }
  float share(std::size_t bag, BagScale scale) const {
    const auto n = static_cast<float>(size(bag));
    return 1.0F / (scale == BagScale::mean ? n : std::sqrt(n));
  }
};

std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = CounterRandom(seed, Purpose::synthetic, 0).uniform_float(i) - 0.5F;
  return values;
}

/// Widths of whole blocks of columns, of none, and of both.
class BagColumns : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Widths, BagColumns, ::testing::Values(1, 4, 15, 16, 32, 37, 64));

TEST_P(BagColumns, SumsHaveTheBitsOfMembersAddedInTurn) {
  const std::size_t cols = GetParam();
  const SomeBags bags;
  auto rows = numbers(6 * cols, 1);
  for (const BagScale scale : {BagScale::mean, BagScale::root}) {
    std::vector<float> sums(4 * cols, std::nanf(""));
    sum_of_bags({rows.data(), 6, cols, cols}, bags.all(), scale, {sums.data(), 4, cols, cols});
    for (std::size_t bag = 0; bag < 4; ++bag) {
      for (std::size_t c = 0; c < cols; ++c) {
        float expected = 0.0F;
        for (std::uint32_t i = bags.offsets[bag]; i < bags.offsets[bag + 1]; ++i)
          expected += rows[bags.values[i] * cols + c];
        if (bags.size(bag) > 0) expected *= bags.share(bag, scale);
        ASSERT_EQ(sums[bag * cols + c], expected) << bag << ' ' << c;
      }
    }
  }
}

TEST_P(BagColumns, MembersGetTheirBagsShare) {
  const std::size_t cols = GetParam();
  const SomeBags bags;
  auto gradients = numbers(4 * cols, 2);
  const auto before = gradients;
  const Matrix dy{gradients.data(), 4, cols, cols};
  share_of_members(bags.all(), BagScale::root, dy);
  std::vector<float> sums(6 * cols, 1.0F);
  add_to_members(bags.all(), dy, {sums.data(), 6, cols, cols});
  std::vector<float> expected(6 * cols, 1.0F);
  for (std::size_t bag = 0; bag < 4; ++bag) {
    for (std::uint32_t i = bags.offsets[bag]; i < bags.offsets[bag + 1]; ++i) {
      for (std::size_t c = 0; c < cols; ++c)
        expected[bags.values[i] * cols + c] +=
            before[bag * cols + c] * bags.share(bag, BagScale::root);
    }
  }
  EXPECT_EQ(sums, expected);
}

}  // namespace
}  // namespace nnrec::nn
