#pragma once

#include <span>
#include <vector>

#include "nnrec/serve/predictor.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

/// What training knew of a pair. Of a user or an item without a training rating (in the catalogue
/// or not) a model's tables say nothing.
enum class Exposure { warm, cold_user, cold_item, cold_both };
inline constexpr std::size_t kExposures = 4;

Exposure exposure_of(const TrainingFacts& facts, const Pair& pair) noexcept;
/// "warm", "cold_user", ...
const char* exposure_name(Exposure exposure) noexcept;

/// Answers for any pair: warm ones by the model, others by user_item_mean(). One a thread.
class Answers {
 public:
  /// Both outlive the object.
  Answers(const Model& model, const TrainingFacts& facts) : facts_(facts), predictor_(model) {}

  /// Pairs may hold kUnknown. Requires: as many ratings and exposures as pairs, and of deviations
  /// (Predictor::predict; NaN of pairs that are not warm) as many or none.
  void answer(std::span<const Pair> pairs, std::span<float> ratings, std::span<Exposure> exposures,
              std::span<float> deviations = {});

 private:
  const TrainingFacts& facts_;
  Predictor predictor_;
  std::vector<Pair> warm_;
  std::vector<float> warm_ratings_;
  std::vector<float> warm_deviations_;
};

}  // namespace nnrec::serve
