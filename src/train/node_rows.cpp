#include "nnrec/train/node_rows.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/models/network.hpp"

namespace nnrec::train {
namespace {

RowBlocks ranges_of(const std::vector<shards::PartBlock>& blocks) {
  std::vector<Range> ranges;
  for (const shards::PartBlock& block : blocks) {
    ranges.push_back({block.part_first, block.part_first + block.rows});
  }
  return std::make_shared<const std::vector<Range>>(std::move(ranges));
}

/// As shards would cut them.
RowBlocks even_blocks(std::uint64_t rows) {
  std::vector<Range> ranges;
  for (std::uint64_t begin = 0; begin < rows; begin += shards::kBlockRows) {
    ranges.push_back({begin, std::min(rows, begin + shards::kBlockRows)});
  }
  return std::make_shared<const std::vector<Range>>(std::move(ranges));
}

/// Checks the seals of a part's shards, shared out to the ranks of a node.
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

/// The parts that are evaluated and have rows.
struct EvaluatedParts {
  std::uint64_t rows = 0;      ///< of all
  std::uint64_t smallest = 0;  ///< rows of the smaller one where there are two
  std::uint64_t count = 0;
  /// The most rows of each part that together are within `held`.
  std::uint64_t share_of(std::uint64_t held) const {
    if (count < 2) return held;
    return smallest <= held / 2 ? held - smallest : held / 2;
  }
};

EvaluatedParts evaluated_parts(const shards::Manifest& manifest) {
  EvaluatedParts parts;
  const std::uint64_t validation = manifest.rows(shards::Part::validation);
  const std::uint64_t test = manifest.rows(shards::Part::test);
  parts.rows = validation + test;
  parts.smallest = std::min(validation, test);
  parts.count = (validation > 0 ? 1U : 0U) + (test > 0 ? 1U : 0U);
  return parts;
}

}  // namespace

NodeRows::NodeRows(const shards::RatingView& ratings)
    : ratings_(ratings), size_(ratings.size()), row_blocks_(even_blocks(ratings.size())) {}

NodeRows::NodeRows(comm::Communicator& ranks, const math::ThreadTeam& team,
                   const shards::ShardSet& set, shards::Part part, std::uint64_t most_rows,
                   shards::Times times, int beside_threads)
    : size_(set.manifest().rows(part)),
      row_blocks_(ranges_of(set.manifest().blocks(part))),
      ranks_(&ranks),
      team_(team),
      beside_threads_(beside_threads),
      set_(&set),
      blocks_(set.manifest().blocks(part)),
      room_(ranks, std::min(most_rows, size_), times) {
  ratings_ = room_.view();
  check_node_seals(ranks, team, set, part);
  comm::agree(ranks, [&] {
    read_own(blocks_, team_,
             [&](const shards::PartBlock& block, const shards::RatingColumns& read) {
               // Every window checks what it reads: here damage is to be known before the first
               // step.
               if (is_window()) return;
               for (std::size_t row = 0; row < block.rows; ++row)
                 room_.put(block.part_first + row, read, row);
             });
  });
  ranks.node_barrier();
}

NodeRows::~NodeRows() {
  is_over_ = true;
}

std::uint64_t NodeRows::load(const RowOrder& order, std::uint64_t first, std::uint64_t group) {
  if (!is_window()) return size_;
  const std::uint64_t needed = std::min(first + group, size_);
  if (!window_.holds(order, first, needed)) {
    if (ahead_.holds(order, first, needed)) {
      take_ahead();
    } else {
      fill(window_from(order, first, group));
    }
  }
  const Range loaded = window_.positions;
  if (needed > loaded.end) {
    throw InternalError("{} rows together where {} fit", group, ratings_.size());
  }
  if (loaded.end == size_) return size_;
  const std::uint64_t end = first + (loaded.end - first) / group * group;
  read_beside(order, end, group);
  return end;
}

void NodeRows::expect(const RowOrder& order, std::uint64_t group) {
  if (is_window()) read_beside(order, 0, group);
}

void NodeRows::rows_at(const RowOrder& order, std::uint64_t first,
                       std::span<std::uint64_t> rows) const noexcept {
  if (!is_window()) return order.values(first, rows);
  // They lie as they are visited.
  std::iota(rows.begin(), rows.end(), window_.first + (first - window_.positions.begin));
}

void NodeRows::copy(const RowOrder& order, std::uint64_t first, std::size_t count,
                    const NodeRatings& to, std::size_t place) const {
  // Each group is on its way from memory while the one before is copied.
  constexpr std::size_t kTogether = 64;
  std::array<std::array<std::uint64_t, kTogether>, 2> groups;
  const auto ask = [&](std::size_t begin) {
    const auto rows = std::span(groups[begin / kTogether % 2])
                          .first(std::min(kTogether, count - std::min(count, begin)));
    if (rows.empty()) return rows;
    rows_at(order, first + begin, rows);
    for (const std::uint64_t row : rows) ratings_.prefetch(row);
    return rows;
  };
  auto rows = ask(0);
  for (std::size_t begin = 0; begin < count; begin += kTogether) {
    const auto next = ask(begin + kTogether);
    for (std::size_t i = 0; i < rows.size(); ++i) to.put(place + begin + i, ratings_, rows[i]);
    rows = next;
  }
}

bool NodeRows::is_read_beside(std::uint64_t group) const {
  return beside_threads_ > 0 && group <= ratings_.size() / 2;
}

/// What fits beside the present window where another is to be read beside it; else what fits.
NodeRows::Window NodeRows::window_from(const RowOrder& order, std::uint64_t first,
                                       std::uint64_t group) const {
  const bool is_half = is_read_beside(group);
  const std::uint64_t half = ratings_.size() / 2;
  const std::uint64_t place = is_half && window_.first == 0 ? half : 0;
  return {order, {first, std::min(first + (is_half ? half : ratings_.size()), size_)}, place};
}

void NodeRows::fill(Window window) {
  if (reading_.valid()) reading_.wait();  // of something else: whatever came of it
  reading_ = {};
  ahead_ = {};
  window_ = {};
  ranks_->node_barrier();  // others may still read, or write, what is written over now
  comm::agree(*ranks_, [&] { read_share(window, team_); });
  ranks_->node_barrier();
  window_ = std::move(window);
}

void NodeRows::take_ahead() {
  Window ahead = std::exchange(ahead_, {});
  window_ = {};
  comm::agree(*ranks_, [&] { reading_.get(); });
  ranks_->node_barrier();
  window_ = std::move(ahead);
}

/// Since the present window was loaded, nobody reads the one before, whose place is taken.
void NodeRows::read_beside(const RowOrder& order, std::uint64_t first, std::uint64_t group) {
  const bool is_half = window_.positions.size() <= ratings_.size() / 2;
  if (!is_half || ahead_.positions.size() > 0 || !is_read_beside(group)) return;
  ahead_ = window_from(order, first, group);
  // Where no thread is to be had it is read when it is needed.
  reading_ = std::async(std::launch::async | std::launch::deferred, [this, window = ahead_] {
    read_share(window, math::ThreadTeam(beside_threads_));
  });
}

/// This rank's share of the blocks.
void NodeRows::read_own(std::span<const shards::PartBlock> blocks, const math::ThreadTeam& team,
                        const shards::ShardSet::UseBlock& use) const {
  const Range own = share_of(blocks.size(), ranks_->node_rank(), ranks_->node_size());
  set_->visit_blocks(blocks.subspan(own.begin, own.size()), team, use);
}

/// A row has one place in the window, so that no two threads write to one.
void NodeRows::read_share(const Window& window, const math::ThreadTeam& team) const {
  std::vector<shards::PartBlock> blocks;
  for (const std::size_t block : window.order.blocks_of(window.positions, *row_blocks_)) {
    blocks.push_back(blocks_[block]);
  }
  // So many that the memory they go to is on its way before they are written.
  constexpr std::size_t kTogether = 256;
  read_own(blocks, team, [&](const shards::PartBlock& block, const shards::RatingColumns& read) {
    if (is_over_) throw InternalError("nobody wants what is read");
    std::array<std::uint64_t, kTogether> places;
    std::array<std::size_t, kTogether> rows;
    for (std::size_t first = 0; first < block.rows; first += kTogether) {
      const std::size_t count = std::min(kTogether, block.rows - first);
      window.order.positions(block.part_first + first, std::span(places).first(count));
      std::size_t found = 0;
      for (std::size_t at = 0; at < count; ++at) {
        const std::uint64_t place = places[at] - window.positions.begin;  // wraps far beyond
        places[found] = window.first + place;
        rows[found] = first + at;
        found += place < window.positions.size() ? 1 : 0;
      }
      for (std::size_t at = 0; at < found; ++at) room_.prefetch(places[at]);
      for (std::size_t at = 0; at < found; ++at) room_.put(places[at], read, rows[at]);
    }
  });
}

void visit_share(const comm::Communicator& ranks, NodeRows& part,
                 const std::function<void(const RowShare&)>& use) {
  // What is loaded ends between tiles, so that tiles are the same whatever fits into memory.
  for (Range loaded; loaded.end < part.size();) {
    loaded.begin = loaded.end;
    loaded.end = part.load({}, loaded.begin, models::kTileRows);
    const Range own = share_of(models::tile_count(loaded.size()), ranks.rank(), ranks.size());
    const auto row_of = [&](std::size_t tile) {
      return std::min(loaded.begin + tile * models::kTileRows, loaded.end);
    };
    const Range rows{row_of(own.begin), row_of(own.end)};
    if (rows.size() == 0) continue;
    std::uint64_t first = 0;
    part.rows_at({}, rows.begin, {&first, 1});
    use({rows, part.ratings().slice(first, rows.size())});
  }
}

void for_each_tile(const math::ThreadTeam& team, const RowShare& share,
                   const std::function<void(const RowShare& tile, std::size_t thread)>& use) {
  const std::size_t rows = share.rows.size();
  team.for_each(models::tile_count(rows), [&](std::size_t tile, std::size_t thread) {
    const std::size_t first = tile * models::kTileRows;
    const std::size_t count = std::min(models::kTileRows, rows - first);
    const std::size_t begin = share.rows.begin + first;
    use({{begin, begin + count}, share.ratings.slice(first, count)}, thread);
  });
}

RowLimits share_memory(comm::Communicator& ranks, const shards::ShardSet& set, int threads,
                       const RatingNeeds& needs) {
  const std::uint64_t row_bytes = shards::rating_bytes(needs.times);
  const std::uint64_t training_rows = set.manifest().rows(shards::Part::train);
  const EvaluatedParts evaluated = evaluated_parts(set.manifest());
  const std::uint64_t all_bytes = (training_rows + evaluated.rows) * row_bytes;
  if (needs.limit_bytes == 0 || needs.limit_bytes >= all_bytes) return {};
  // Nodes may have different numbers of ranks; windows must be the same on all.
  std::array<std::int64_t, 2> most{ranks.node_size(), threads};
  ranks.maximum(most);
  const auto node_size = static_cast<std::uint64_t>(most[0]);

  std::uint64_t block_rows = 0;
  for (const shards::ShardInfo& shard : set.manifest().shards) {
    block_rows = std::max(block_rows, std::min(shard.rows, shards::kBlockRows));
  }
  // What is read is unpacked with its times, which the digests cover.
  const std::uint64_t reader_bytes =
      node_size * block_rows * shards::rating_bytes(shards::Times::kept);
  const std::uint64_t readers = std::clamp<std::uint64_t>(needs.limit_bytes / 16 / reader_bytes, 1,
                                                          static_cast<std::uint64_t>(most[1]));
  std::uint64_t scratch_bytes = readers * reader_bytes;
  const std::uint64_t batch = std::min(needs.batch_rows, training_rows);
  const std::uint64_t tiles =
      std::min<std::uint64_t>(evaluated.count * models::kTileRows, evaluated.rows);
  const std::uint64_t least = std::min(all_bytes, scratch_bytes + (batch + tiles) * row_bytes);
  comm::agree(ranks, [&] {
    if (needs.limit_bytes >= least) return;
    throw UsageError(
        "--memory-limit = {} bytes is too small: {} bytes are the least with {} ranks a node and "
        "batches of {} ratings. Give as much, or fewer ranks a node (with more threads), or a "
        "smaller --batch.",
        needs.limit_bytes, least, node_size, needs.batch_rows);
  });
  const bool is_beside = needs.beside_threads > 0 && needs.limit_bytes >= least + scratch_bytes;
  if (is_beside) scratch_bytes *= 2;
  const std::uint64_t rows = (needs.limit_bytes - scratch_bytes) / row_bytes;
  const std::uint64_t held =
      std::min(evaluated.rows, std::max(tiles, std::min(rows / 8, rows - batch)));
  const auto most_readers = static_cast<int>(readers);
  return {std::min(training_rows, rows - held), evaluated.share_of(held), most_readers,
          is_beside ? std::min(needs.beside_threads, most_readers) : 0};
}

}  // namespace nnrec::train
