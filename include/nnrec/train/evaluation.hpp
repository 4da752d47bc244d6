#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "nnrec/base/wide_sum.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/shards/rating_scale.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/batch_plan.hpp"
#include "nnrec/train/prediction_sums.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// Squared error over rows, as a sum with its count.
struct SquaredError {
  double sum = 0;
  std::int64_t rows = 0;
  /// sqrt(sum / rows); NaN without rows.
  double rmse() const;
};

/// Errors of predictions over rows, as sums with their count.
struct Errors {
  SquaredError squared;  ///< of the predictions as they are: what is published and compared
  /// Of the predictions moved to the nearer end of the declared scale; absent without a scale.
  std::optional<SquaredError> clipped;
  double absolute_sum = 0;  ///< of the predictions as they are
  /// As `squared`, of the warm rows alone: those whose user and item both have training ratings. No
  /// rows where nothing tells which these are.
  SquaredError warm{};
  double rmse() const { return squared.rmse(); }
  /// absolute_sum / rows; NaN without rows.
  double mae() const;
};

/// Throws InputError where the set's ratings are so large that the squared errors of predictions
/// near 0, with which training begins, are beyond what a tile's exact sum holds.
void require_loss_range(const shards::Manifest& manifest);

/// The sums behind Errors in fixed point, so that rows may be added by any number of threads and
/// ranks: the parts, added up, have the same bits.
class ErrorSums {
 public:
  /// Adds one piece of rows, a tile's at most. A piece whose errors are not finite, or beyond the
  /// range of exact sums, is counted and left out.
  /// Requires: as many predictions as ratings, and as many of `is_warm` (not 0: it is) or none.
  void add(std::span<const float> predictions, shards::ColumnView<float> ratings,
           const std::optional<shards::RatingScale>& scale,
           std::span<const std::uint8_t> is_warm = {});
  void add(const ErrorSums& other);
  /// Adds up those of all ranks. Collective.
  void sum(comm::Communicator& ranks);
  /// Pieces that were left out; with any, errors() says too little.
  std::int64_t left_out() const noexcept { return left_out_; }
  Errors errors(std::int64_t rows, const std::optional<shards::RatingScale>& scale) const;

 private:
  enum Index : std::size_t { kSquared, kClipped, kAbsolute, kWarm, kCount };
  std::array<WideSum, kCount> sums_{};
  std::int64_t warm_rows_ = 0;
  std::int64_t left_out_ = 0;
};

/// What errors are told of besides those of the predictions as they are.
struct EvaluationRule {
  std::optional<shards::RatingScale> scale{};  ///< that the set declares
  const TrainingTally* tally = nullptr;        ///< which tells warm rows; outlives who uses it
};

/// Evaluates a model on one part of the data, whole tiles shared out over ranks and threads; each
/// row counts once, and the sum has the same bits for any number of them.
class Evaluator {
 public:
  /// The referenced objects outlive the evaluator; `input.rows` are the part's.
  Evaluator(const ModelInput& input, const math::ThreadTeam& team, const EvaluationRule& rule = {});

  std::size_t rows() const noexcept { return input_.rows.size(); }
  /// Collective. Throws AgreedError when a prediction is not finite.
  Errors evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters);
  /// Adds the model's predictions, clipped to the declared scale. Collective. Throws AgreedError
  /// when a prediction is not finite, or PredictionSums::kMostPrediction or more.
  void add_sample(comm::Communicator& ranks, const nn::ParameterSet& parameters,
                  PredictionSums& sums);
  /// Of the means of so many models' predictions. Collective.
  Errors evaluate_mean(comm::Communicator& ranks, const PredictionSums& sums,
                       std::uint64_t samples);

 private:
  struct Thread {
    models::Network::Workspace workspace;
    features::Batch batch;
    std::vector<std::uint64_t> rows;
    std::vector<std::uint8_t> is_warm;
    ErrorSums sums;
  };
  void predict_tile(const nn::ParameterSet& parameters, const RowShare& tile, Thread& thread) const;
  /// `predict` leaves a tile's predictions in its thread's workspace.
  Errors evaluate(comm::Communicator& ranks,
                  const std::function<void(const RowShare& tile, Thread& thread)>& predict);

  [[noreturn]] void throw_left_out(std::int64_t tiles) const;

  ModelInput input_;
  const math::ThreadTeam& team_;
  EvaluationRule rule_;
  std::vector<Thread> threads_;
};

}  // namespace nnrec::train
