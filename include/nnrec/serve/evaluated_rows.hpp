#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/predictor.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

/// The rows of a part that a model is judged by.
struct EvaluatedRows {
  std::vector<Pair> pairs;  ///< by the indices of the model's set; kUnknown: an id it does not have
  std::vector<float> ratings;
  std::vector<std::uint32_t> users;  ///< of each row, dense from 0 in order of first appearance
  std::vector<std::uint32_t> user_indices;  ///< of each of these in the set that is evaluated
};

/// Reads a part of `set` for a model of `trained`: where that is another set, rows are joined by
/// the ids of users and items.
EvaluatedRows read_evaluated(const shards::ShardSet& set, shards::Part part,
                             const shards::ShardSet& trained, const math::ThreadTeam& team);

/// The model's prediction of each row; user_item_mean() where the model has no such id.
/// `deviations`, where given, gets those of Predictor::predict, NaN where there is no such id.
std::vector<float> predict_rows(const Model& model, const TrainingFacts& facts,
                                const EvaluatedRows& rows, const math::ThreadTeam& team,
                                std::vector<float>* deviations = nullptr);

}  // namespace nnrec::serve
