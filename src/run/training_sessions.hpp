#pragma once

#include "nnrec/comm/communicator.hpp"
#include "nnrec/features/sessions.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::run {

/// The sessions of a set's training ratings; no other part is read. Throws InputError naming a
/// shard.
features::OwnedSessions read_training_sessions(const shards::ShardSet& set,
                                               const math::ThreadTeam& team);

/// The same once a node, in memory that its ranks share and that lives as long as the communicator.
/// Collective. Throws AgreedError on all ranks.
features::Sessions share_training_sessions(comm::Communicator& ranks, const math::ThreadTeam& team,
                                           const shards::ShardSet& set);

}  // namespace nnrec::run
