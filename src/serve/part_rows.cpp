#include "nnrec/serve/part_rows.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace nnrec::serve {
namespace {

constexpr std::size_t kBlocksAtATime = 16;

}  // namespace

void visit_part(const shards::ShardSet& set, shards::Part part, const math::ThreadTeam& team,
                const std::function<void(const shards::RatingColumns&)>& visit) {
  const auto& shards = set.manifest().shards;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (shards[shard].part == part) set.check_seal(shard);
  }
  const std::vector<shards::PartBlock> blocks = set.manifest().blocks(part);
  for (std::size_t first = 0; first < blocks.size(); first += kBlocksAtATime) {
    const auto group =
        std::span(blocks).subspan(first, std::min(kBlocksAtATime, blocks.size() - first));
    const std::size_t rows = group.back().part_first + group.back().rows - group[0].part_first;
    shards::OwnedRatingColumns read(rows);
    set.read_blocks(group, read.all(), team);
    visit({read.user, read.item, read.rating, read.timestamp});
  }
}

}  // namespace nnrec::serve
