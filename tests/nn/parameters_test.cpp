#include "nnrec/nn/parameters.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/sha256.hpp"

namespace nnrec::nn {
namespace {

ParameterLayout small_layout() {
  ParameterLayout layout;
  layout.add("user", 5, 3, BlockKind::table, InitialValues::embedding);
  layout.add("dense1.weight", 6, 40, BlockKind::dense, InitialValues::glorot_uniform);
  layout.add("dense1.bias", 1, 40, BlockKind::dense, InitialValues::zero);
  return layout;
}

TEST(ParameterSet, InitialValuesKeepTheirLimitsAndSpread) {
  const auto parameters = initialize(small_layout(), 1);
  const float glorot = std::sqrt(6.0F / 46.0F);
  const auto weights = parameters.values(1);
  EXPECT_LE(*std::ranges::max_element(weights), glorot);
  EXPECT_GE(*std::ranges::min_element(weights), -glorot);
  EXPECT_GT(*std::ranges::max_element(weights), 0.9F * glorot);
  EXPECT_LT(*std::ranges::min_element(weights), -0.9F * glorot);
  for (const float value : parameters.values(0)) EXPECT_LE(std::abs(value), 0.05F);
  for (const float value : parameters.values(2)) EXPECT_EQ(value, 0.0F);
}

TEST(ParameterSet, InitialValuesFollowSeedAndName) {
  const auto first = initialize(small_layout(), 1);
  EXPECT_EQ(first.digest(), initialize(small_layout(), 1).digest());
  EXPECT_NE(first.digest(), initialize(small_layout(), 2).digest());
  ParameterLayout more;
  more.add("new", 4, 4, BlockKind::dense, InitialValues::glorot_uniform);
  more.add("user", 5, 3, BlockKind::table, InitialValues::embedding);
  const auto second = initialize(more, 1);
  EXPECT_TRUE(std::ranges::equal(first.values(0), second.values(1)))
      << "another block before it must not change a block's values";
}

TEST(ParameterSet, DigestIsTheSha256OverNamesShapesAndBytes) {
  const auto parameters = initialize(small_layout(), 3);
  Sha256 hash;
  const std::vector<std::string> heads{"user 5 3\n", "dense1.weight 6 40\n", "dense1.bias 1 40\n"};
  for (std::size_t block = 0; block < heads.size(); ++block) {
    hash.update(heads[block]);
    hash.update(std::as_bytes(parameters.values(block)));
  }
  EXPECT_EQ(parameters.digest(), hash.hex_digest());
}

TEST(ParameterLayout, CountsParametersWithoutPaddingAndRefusesATwin) {
  auto layout = small_layout();
  EXPECT_EQ(layout.parameter_count(), 15U + 240U + 40U);
  EXPECT_THROW(layout.add("user", 1, 1, BlockKind::dense, InitialValues::zero), Error);
}

// C11: past 2^31 elements a 32-bit offset would wrap; places are 64-bit throughout.
TEST(ParameterLayout, OffsetsPassTheRangeOf32Bits) {
  ParameterLayout layout;
  layout.add("large", 16777217, 128, BlockKind::table, InitialValues::zero);
  layout.add("larger", 33554432, 128, BlockKind::table, InitialValues::zero);
  EXPECT_EQ(layout[1].offset, 16777217ULL * 128ULL);
  EXPECT_EQ(layout.parameter_count(), 16777217ULL * 128ULL + 4294967296ULL);
  float origin = 0;
  const math::Matrix matrix{&origin, 33554433, 128, 128};
  const auto offset = [&](std::size_t row) { return matrix.row(row) - matrix.data; };
  EXPECT_EQ(offset(16777216), 2147483648LL);
  EXPECT_EQ(offset(33554432), 4294967296LL);
}

}  // namespace
}  // namespace nnrec::nn
