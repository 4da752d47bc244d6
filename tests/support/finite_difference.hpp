#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include <gtest/gtest.h>

namespace nnrec::testing {

/// Checks gradient[i] against differences of loss() for every `stride`-th element of `x`, which
/// loss() reads. The gradient must lie between the slopes on both sides, widened by `tolerance` of
/// the larger of the slope and 1: where the loss is smooth the two sides agree, and at a kink of
/// relu any value between them is a derivative.
template <typename Loss>
void expect_gradient(std::span<float> x, std::span<const float> gradient, const Loss& loss,
                     std::size_t stride = 1, float h = 1e-2F, double tolerance = 2e-3,
                     double floor = 1.0) {
  ASSERT_EQ(x.size(), gradient.size());
  const double here = loss();
  for (std::size_t i = 0; i < x.size(); i += stride) {
    const float before = x[i];
    const float above = before + h;
    const float below = before - h;
    x[i] = above;
    const double slope_above = (loss() - here) / static_cast<double>(above - before);
    x[i] = below;
    const double slope_below = (here - loss()) / static_cast<double>(before - below);
    x[i] = before;
    const double least = std::min(slope_above, slope_below);
    const double most = std::max(slope_above, slope_below);
    const double margin = tolerance * std::max({floor, std::abs(least), std::abs(most)});
    ASSERT_GE(static_cast<double>(gradient[i]), least - margin) << "element " << i;
    ASSERT_LE(static_cast<double>(gradient[i]), most + margin) << "element " << i;
  }
}

}  // namespace nnrec::testing
