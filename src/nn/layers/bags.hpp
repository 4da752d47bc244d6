#pragma once

#include <algorithm>

#include "nnrec/nn/layer.hpp"

namespace nnrec::nn {

/// y(i, :) = mean of x(j, :) over the members j of bag i, added in their order; an empty bag gives
/// 0.
inline void mean_of_bags(ConstMatrix x, const Bags& bags, Matrix y) {
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
    const float scale = 1.0F / static_cast<float>(end - begin);
    for (std::size_t c = 0; c < y.cols; ++c) sum[c] *= scale;
  }
}

/// dy(i, :) /= size of bag i: what each member of the bag receives.
inline void share_of_members(const Bags& bags, Matrix dy) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const std::uint32_t members = bags.offsets[r + 1] - bags.offsets[r];
    if (members <= 1) continue;
    const float scale = 1.0F / static_cast<float>(members);
    float* gradient = dy.row(r);
    for (std::size_t c = 0; c < dy.cols; ++c) gradient[c] *= scale;
  }
}

}  // namespace nnrec::nn
