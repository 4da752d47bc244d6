#pragma once

#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::run {

/// The values that the training ratings have, rising. Throws InputError where they are fewer than 2
/// or more than nn::Ordinal::kMostLevels.
std::vector<float> read_rating_levels(const shards::ShardSet& set, const math::ThreadTeam& team);

/// The same, read by rank 0. Collective. Throws AgreedError.
std::vector<float> share_rating_levels(comm::Communicator& ranks, const math::ThreadTeam& team,
                                       const shards::ShardSet& set);

}  // namespace nnrec::run
