#pragma once

#include <optional>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/rating_scale.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/node_rows.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// Errors of predictions that need no model, on one part's rows: what a model is to be better than.
struct Baselines {
  Errors training_mean;    ///< of predicting the mean of the training ratings
  Errors user_item_means;  ///< of predicting as user_item_mean() does
};

/// The user's mean plus the item's less that of all training ratings. Without a training rating of
/// the user or the item its mean is that of all.
double user_item_mean(const TrainingTally& tally, std::uint32_t user, std::uint32_t item);

/// Same bits for any number of ranks and threads. Collective. Requires: rule.tally.
Baselines evaluate_baselines(comm::Communicator& ranks, const math::ThreadTeam& team,
                             NodeRows& part, const EvaluationRule& rule);

}  // namespace nnrec::train
