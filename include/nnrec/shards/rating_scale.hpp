#pragma once

namespace nnrec::shards {

/// The lowest and the highest rating that people could give, as a user or a format declares it.
struct RatingScale {
  double low = 0;
  double high = 0;
};

}  // namespace nnrec::shards
