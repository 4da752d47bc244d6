#pragma once

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/rating_columns.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::train {

/// Columns of `rows` rows in memory that all ranks of a node see, zeroed. Collective.
shards::MutableRatingColumns allocate_node_columns(comm::Communicator& ranks, std::size_t rows,
                                                   shards::Times times);

/// Checks the seals of a part's shards, shared out to the ranks of a node. Collective. Throws
/// AgreedError on all ranks.
void check_node_seals(comm::Communicator& ranks, const math::ThreadTeam& team,
                      const shards::ShardSet& set, shards::Part part);

/// The rating columns of one part of a data set, held once a node: the ranks of a node read its
/// blocks side by side, each on its threads, into memory that all of them see. Lives as long as the
/// communicator. Collective. Every seal and every value is checked. Throws AgreedError on all
/// ranks.
shards::RatingColumns load_node_columns(comm::Communicator& ranks, const math::ThreadTeam& team,
                                        const shards::ShardSet& set, shards::Part part,
                                        shards::Times times = shards::Times::kept);

}  // namespace nnrec::train
