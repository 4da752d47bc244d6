#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/features/batch.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/serve/model.hpp"

namespace nnrec::serve {

/// A pair to be rated, by dense indices of the model's set.
struct Pair {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  std::int64_t time = 0;  ///< Unix seconds; read by variants with times only
};

/// Predicts ratings of pairs with a model; one a thread. A pair's rating has the same bits wherever
/// it stands among others.
class Predictor {
 public:
  /// The model outlives the predictor.
  explicit Predictor(const Model& model);

  /// ratings[i] of pairs[i], as the model gives it: not clipped. Where the model has samples: the
  /// mean of what each gives, clipped to the declared scale. Requires: as many ratings as pairs,
  /// every index below its count.
  /// `deviations`, empty or as many: with samples the expected deviation of a rating from that
  /// mean, of the noise around each model and of what the models differ by; without 0.
  void predict(std::span<const Pair> pairs, std::span<float> ratings,
               std::span<float> deviations = {});

 private:
  void predict_tile(std::span<const Pair> pairs, std::span<float> ratings,
                    std::span<float> deviations);
  void predict_mean(std::span<float> ratings, std::span<float> deviations);

  const Model& model_;
  features::ColumnSet wanted_;
  models::Network::Workspace workspace_;
  features::Batch batch_;
  std::vector<std::uint64_t> rows_;
  std::vector<std::uint32_t> user_;
  std::vector<std::uint32_t> item_;
  std::vector<std::int64_t> time_;
  std::vector<double> noise_;  ///< variance of a rating around each model, on average
  std::vector<double> sums_;
  std::vector<double> squares_;
};

}  // namespace nnrec::serve
