#include "nnrec/train/node_columns.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {
shards::MutableRatingColumns allocate_node_columns(comm::Communicator& ranks, std::size_t rows,
                                                   shards::Times times) {
  return {node_array<std::uint32_t>(ranks, rows), node_array<std::uint32_t>(ranks, rows),
          node_array<float>(ranks, rows),
          node_array<std::int64_t>(ranks, times == shards::Times::kept ? rows : 0)};
}

void check_node_seals(comm::Communicator& ranks, const math::ThreadTeam& team,
                      const shards::ShardSet& set, shards::Part part) {
  std::vector<std::size_t> shards;
  for (std::size_t shard = 0; shard < set.manifest().shards.size(); ++shard) {
    if (set.manifest().shards[shard].part == part) shards.push_back(shard);
  }
  const Range own = share_of(shards.size(), ranks.node_rank(), ranks.node_size());
  comm::agree(ranks, [&] {
    team.for_each(own.size(), [&](std::size_t index, std::size_t) {
      set.check_seal(shards[own.begin + index]);
    });
  });
}

shards::RatingColumns load_node_columns(comm::Communicator& ranks, const math::ThreadTeam& team,
                                        const shards::ShardSet& set, shards::Part part,
                                        shards::Times times) {
  const shards::MutableRatingColumns columns =
      allocate_node_columns(ranks, set.manifest().rows(part), times);
  check_node_seals(ranks, team, set, part);
  comm::agree(ranks, [&] {
    const auto blocks = set.manifest().blocks(part);
    const Range own = share_of(blocks.size(), ranks.node_rank(), ranks.node_size());
    if (own.size() == 0) return;
    const auto& last = blocks[own.end - 1];
    const auto first = blocks[own.begin].part_first;
    set.read_blocks(std::span(blocks).subspan(own.begin, own.size()),
                    columns.slice(first, last.part_first + last.rows - first), team);
  });
  ranks.node_barrier();
  return {columns.user, columns.item, columns.rating, columns.timestamp};
}

}  // namespace nnrec::train
