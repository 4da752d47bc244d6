#pragma once

#include <functional>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/rating_columns.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::serve {

/// Calls `visit` with the rows of a part in their order, some blocks at a time, so that memory does
/// not grow with the part. Seals and values are checked. Throws InputError naming the file.
void visit_part(const shards::ShardSet& set, shards::Part part, const math::ThreadTeam& team,
                const std::function<void(const shards::RatingColumns&)>& visit);

}  // namespace nnrec::serve
