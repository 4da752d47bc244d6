#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/math/thread_team.hpp"

namespace nnrec::serve {

/// A number that is a sum over users divided by a sum over users: of squared errors and rows (an
/// MSE), of a metric and ones (its mean).
struct UserRatio {
  std::vector<double> sums;
  std::vector<double> weights;

  /// NaN without weight.
  double value() const;
};

inline constexpr std::size_t kResamples = 1000;

/// The ratio over kResamples draws of as many users, with replacement. Who is drawn is a function
/// of the number of users alone: ratios over the same users are drawn in pairs. Users, not rows,
/// since the rows of one user err alike.
/// Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap".
std::vector<double> resample(const UserRatio& ratio, const math::ThreadTeam& team);

/// The middle 95 % of the values.
struct Interval {
  double low = 0;
  double high = 0;
};
Interval middle(std::vector<double> values);

}  // namespace nnrec::serve
