#pragma once

#include "nnrec/comm/communicator.hpp"
#include "nnrec/data/rating_columns.hpp"
#include "nnrec/data/shard_set.hpp"

namespace nnrec::train {

/// Bytes of memory that a rating takes in the columns.
inline constexpr std::uint64_t kNodeRowBytes = 24;

/// Columns of `rows` rows in memory that all ranks of a node see, zeroed. Collective.
data::MutableRatingColumns allocate_node_columns(comm::Communicator& ranks, std::size_t rows);

/// The rating columns of one part of a data set, held once a node: the ranks of a node read its
/// shards side by side into memory that all of them see. Lives as long as the communicator.
/// Collective. Every shard's digest is checked. Throws AgreedError on all ranks.
data::RatingColumns load_node_columns(comm::Communicator& ranks, const data::ShardSet& set,
                                      data::Part part);

}  // namespace nnrec::train
