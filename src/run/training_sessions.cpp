#include "training_sessions.hpp"

#include <algorithm>
#include <array>

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
  std::array<std::int64_t, 2> sizes{std::ssize(own.first), std::ssize(own.moments)};
  ranks.maximum(sizes);
  const auto first = train::node_array<std::uint64_t>(ranks, static_cast<std::size_t>(sizes[0]));
  const auto moments =
      train::node_array<features::Moment>(ranks, static_cast<std::size_t>(sizes[1]));
  std::ranges::copy(own.first, first.begin());
  std::ranges::copy(own.moments, moments.begin());
  ranks.node_barrier();
  return {first, moments};
}

}  // namespace nnrec::run
