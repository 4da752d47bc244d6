#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::app {

/// What is averaged, and by which rows it is judged.
struct EnsembleRequest {
  std::vector<std::string> runs;  ///< folders, of which every variant is a member, or checkpoints
  std::string set;                ///< folder; empty: the one that the first run names
  shards::Part part = shards::Part::test;
};

/// A line a member and one for the mean of their predictions, each clipped to the declared scale:
/// RMSE and MAE. A sampled run's predictions are the means that it keeps, another's those of its
/// model. Throws InputError where members were trained on different sets.
std::string ensemble_lines(const EnsembleRequest& request, const math::ThreadTeam& team, Log& log);

}  // namespace nnrec::app
