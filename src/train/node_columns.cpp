#include "nnrec/train/node_columns.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

template <typename T>
std::span<T> node_span(comm::Communicator& ranks, std::size_t rows) {
  const auto bytes = ranks.node_array(rows * sizeof(T));
  return {reinterpret_cast<T*>(bytes.data()), rows};
}

shards::MutableRatingColumns rows_of(const shards::MutableRatingColumns& all, std::size_t first,
                                     std::size_t count) {
  return {all.user.subspan(first, count), all.item.subspan(first, count),
          all.title.subspan(first, count), all.rating.subspan(first, count),
          all.timestamp.subspan(first, count)};
}

}  // namespace

shards::MutableRatingColumns allocate_node_columns(comm::Communicator& ranks, std::size_t rows) {
  return {node_span<std::uint32_t>(ranks, rows), node_span<std::uint32_t>(ranks, rows),
          node_span<std::uint32_t>(ranks, rows), node_span<float>(ranks, rows),
          node_span<std::int64_t>(ranks, rows)};
}

shards::RatingColumns load_node_columns(comm::Communicator& ranks, const shards::ShardSet& set,
                                        shards::Part part) {
  const std::size_t rows = set.manifest().rows(part);
  const shards::MutableRatingColumns columns = allocate_node_columns(ranks, rows);
  comm::agree(ranks, [&] {
    std::size_t first = 0;
    int turn = 0;
    const auto& shards = set.manifest().shards;
    for (std::size_t shard = 0; shard < shards.size(); ++shard) {
      if (shards[shard].part != part) continue;
      if (turn == ranks.node_rank()) {
        set.read_shard(shard, rows_of(columns, first, shards[shard].rows));
      }
      turn = (turn + 1) % ranks.node_size();
      first += shards[shard].rows;
    }
  });
  ranks.node_barrier();
  return {columns.user, columns.item, columns.title, columns.rating, columns.timestamp};
}

}  // namespace nnrec::train
