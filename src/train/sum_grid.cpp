#include "nnrec/train/sum_grid.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::train {
namespace {

constexpr std::size_t kCountBits = 16;
constexpr std::size_t kCounts = 64 / kCountBits;  // a word

}  // namespace

std::int64_t grid_shift(float largest) {
  if (largest == 0.0F) return 0;
  const double units = static_cast<double>(largest) * GradientFixed::kScale;
  return std::clamp<std::int64_t>(std::ilogb(units) + 1 - static_cast<int>(kGridBits), 0,
                                  kMostShift);
}

void write_shift(std::int64_t shift, GridWords words) {
  const auto place = static_cast<std::size_t>(shift);
  std::ranges::fill(words, 0);
  words[place / kCounts] =
      static_cast<std::int64_t>(std::uint64_t{1} << (place % kCounts * kCountBits));
}

std::int64_t largest_shift(std::span<const std::int64_t, kGridWords> sums) {
  std::size_t word = kGridWords - 1;
  while (word > 0 && sums[word] == 0) --word;
  const auto counts = static_cast<std::uint64_t>(sums[word]);
  std::size_t place = kCounts - 1;
  while (place > 0 && counts >> (place * kCountBits) == 0) --place;
  return static_cast<std::int64_t>(word * kCounts + place);
}

}  // namespace nnrec::train
