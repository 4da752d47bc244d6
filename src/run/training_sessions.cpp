#include "training_sessions.hpp"

#include "nnrec/comm/agreement.hpp"
#include "nnrec/serve/part_rows.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::run {

features::OwnedSessions read_training_sessions(const shards::ShardSet& set,
                                               const math::ThreadTeam& team) {
  features::SessionBuilder builder;
  serve::visit_part(set, shards::Part::train, team,
                    [&](const shards::RatingColumns& rows) { builder.add(rows); });
  return builder.finish(set.manifest().user_count);
}

features::Sessions share_training_sessions(comm::Communicator& ranks, const math::ThreadTeam& team,
                                           const shards::ShardSet& set) {
  features::OwnedSessions own;
  comm::agree(ranks, [&] {
    if (ranks.node_rank() == 0) own = read_training_sessions(set, team);
  });
  const auto first = train::node_copy<std::uint64_t>(ranks, own.first);
  return {first, train::node_copy<features::Moment>(ranks, own.moments)};
}

}  // namespace nnrec::run
