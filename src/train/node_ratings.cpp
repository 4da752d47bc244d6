#include "nnrec/train/node_ratings.hpp"

#include "nnrec/train/station.hpp"

namespace nnrec::train {

NodeRatings::NodeRatings(comm::Communicator& ranks, std::size_t rows, shards::Times times)
    : records_(node_array<shards::RatingRecord>(ranks, rows)),
      times_(node_array<std::int64_t>(ranks, times == shards::Times::kept ? rows : 0)) {}

}  // namespace nnrec::train
