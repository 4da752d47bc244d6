#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "nnrec/serve/bootstrap.hpp"
#include "nnrec/serve/evaluated_rows.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::serve {

/// Errors of some rows, as sums.
struct ErrorTally {
  std::uint64_t rows = 0;
  double squared = 0;
  double absolute = 0;

  void add(double error) noexcept {
    ++rows;
    squared += error * error;
    absolute += error < 0 ? -error : error;
  }
  /// NaN without rows, as mae().
  double rmse() const;
  double mae() const;
};

/// How well one predictor did, over all rows.
struct PredictorErrors {
  ErrorTally all;
  std::optional<ErrorTally> clipped;  ///< predictions moved into the declared scale
  double user_rmse = 0;               ///< mean over users of each one's RMSE
  double user_mae = 0;
  UserRatio mse;  ///< for intervals
};

PredictorErrors judge(const EvaluatedRows& rows, std::span<const float> predictions,
                      const std::optional<shards::RatingScale>& scale);

/// Errors of the rows of each group; `groups` has each row's, below `count`.
std::vector<ErrorTally> judge_groups(const EvaluatedRows& rows, std::span<const float> predictions,
                                     std::span<const std::uint32_t> groups, std::size_t count);

/// Ten groups of about equal size by rising value, equal values in one group: the group of each
/// row. Fewer groups have rows where values repeat.
inline constexpr std::size_t kDeciles = 10;
std::vector<std::uint32_t> deciles(std::span<const std::uint64_t> values);

}  // namespace nnrec::serve
