#pragma once

#include <algorithm>
#include <cmath>

#include "nnrec/nn/layer.hpp"
#include "nnrec/nn/layers.hpp"

namespace nnrec::nn {

/// What each member of a bag of so many counts. A square root rounds alike everywhere.
inline float share_of_member(std::uint32_t members, BagScale scale) {
  const auto n = static_cast<float>(members);
  return 1.0F / (scale == BagScale::mean ? n : std::sqrt(n));
}

/// y(i, :) = scaled sum of x(j, :) over the members j of bag i, added in their order; an empty bag
/// gives 0.
inline void sum_of_bags(ConstMatrix x, const Bags& bags, BagScale scale_by, Matrix y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    float* sum = y.row(r);
    std::fill_n(sum, y.cols, 0.0F);
    const std::uint32_t begin = bags.offsets[r];
    const std::uint32_t end = bags.offsets[r + 1];
    if (begin == end) continue;
    for (std::uint32_t i = begin; i < end; ++i) {
      const float* member = x.row(bags.values[i]);
      for (std::size_t c = 0; c < y.cols; ++c) sum[c] += member[c];
    }
    const float scale = share_of_member(end - begin, scale_by);
    for (std::size_t c = 0; c < y.cols; ++c) sum[c] *= scale;
  }
}

/// dy(i, :) scaled as bag i's sum was: what each member of the bag receives.
inline void share_of_members(const Bags& bags, BagScale scale_by, Matrix dy) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const std::uint32_t members = bags.offsets[r + 1] - bags.offsets[r];
    if (members <= 1) continue;
    const float scale = share_of_member(members, scale_by);
    float* gradient = dy.row(r);
    for (std::size_t c = 0; c < dy.cols; ++c) gradient[c] *= scale;
  }
}

}  // namespace nnrec::nn
