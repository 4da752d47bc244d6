#pragma once

#include <algorithm>

namespace nnrec::shards {

/// The lowest and the highest rating that people could give, as a user or a format declares it.
struct RatingScale {
  double low = 0;
  double high = 0;

  /// Moved to the nearer end where it lies outside.
  double clipped(double rating) const noexcept { return std::clamp(rating, low, high); }
};

}  // namespace nnrec::shards
