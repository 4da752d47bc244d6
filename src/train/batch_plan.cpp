#include "nnrec/train/batch_plan.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "nnrec/base/bits.hpp"
#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"
#include "nnrec/base/stopwatch.hpp"

namespace nnrec::train {

namespace {

/// Node memory for both groups of touched rows, beyond which a group has fewer batches than the
/// node has ranks: some of them then find nothing to plan.
constexpr std::size_t kMostGroupBytes = std::size_t{256} << 20;

/// Of a table with up to so many rows for each of a batch's, look-ups are counted row by row, which
/// goes through all of its rows, but through each look-up with less work.
constexpr std::size_t kCountedRows = 4;

/// A run of rows with one owner in words of bits, in which short ones lie whole and which long ones
/// fill.
struct RunBits {
  std::size_t rows;  ///< in one word
  std::uint64_t mask;
};
RunBits run_bits(const Owners& owners) {
  const std::size_t rows = std::min<std::size_t>(64, owners.run_rows());
  return {rows, ~std::uint64_t{0} >> (64 - rows)};
}

/// Rows of a batch of `rows` rows that lie in `tiles`.
Range rows_of(Range tiles, std::size_t rows) {
  return {std::min(tiles.begin * models::kTileRows, rows),
          std::min(tiles.end * models::kTileRows, rows)};
}

std::size_t table_rows(const ModelInput& input, const models::TableUse& use) {
  return input.network.layout()[use.block].rows;
}

}  // namespace

std::size_t most_lookups(const features::Features& features, const models::TableUse& use,
                         std::size_t batch_rows) {
  const auto* bag = std::get_if<features::BagColumn>(&use.column);
  return batch_rows * (bag == nullptr ? 1 : features.most_values(*bag));
}

std::size_t most_touched_rows(const models::Network& network, const models::TableUse& use,
                              std::size_t batch_rows) {
  const std::size_t rows = network.layout()[use.block].rows;
  const bool one_lookup_a_row = std::holds_alternative<features::IdColumn>(use.column);
  return one_lookup_a_row ? std::min(rows, batch_rows) : rows;
}

BatchPlanner::BatchPlanner(const ModelInput& input, const Order& order, comm::Communicator& ranks,
                           const Station& station)
    : input_(input),
      own_(input.network.columns()),
      order_(order),
      ranks_(ranks),
      station_(station) {
  looked_up_.rating = false;
  for (const models::TableUse& use : input.network.tables()) {
    const std::size_t rows = table_rows(input, use);
    const std::size_t words = (rows + 63) / 64;
    const auto run_shift = static_cast<unsigned>(std::countr_zero(run_bits(station.owners).rows));
    const std::size_t few = rows <= kCountedRows * most_batch_rows() ? rows : 0;
    index_.push_back({std::vector<std::uint64_t>(words, 0),
                      std::vector<std::uint64_t>(station.owners.count() > 1 ? words : 0, 0),
                      std::vector<std::uint32_t>(words * 64 >> run_shift, 0), run_shift,
                      std::vector<std::uint32_t>(few, 0), std::vector<std::uint32_t>(few, 0)});
    std::visit([this](auto column) { looked_up_[column] = true; }, use.column);
  }
  reserve_groups(ranks);
}

std::size_t BatchPlanner::most_batch_rows() const {
  return std::min<std::uint64_t>(order_.batch_rows, epoch_rows());
}

BatchPlanner::MostTouched BatchPlanner::most_touched(const models::TableUse& use) const {
  const std::size_t batch = most_batch_rows();
  const std::size_t lookups = most_lookups(input_.features, use, 1);
  const std::size_t rows = std::min(table_rows(input_, use), batch * lookups);
  const std::size_t node_rows =
      std::min(batch, station_.most_node_tiles(models::tile_count(batch)) * models::kTileRows);
  const std::size_t others = station_.owners.count() - 1;
  MostTouched most{rows, node_rows * lookups, std::min(rows * others, batch * lookups), 0, 0, 0};
  if (use.projection) {
    most.projected_lookups = most.node_lookups;
    most.projected_rows = node_rows + 1;
  }
  if (use.dot) most.dot_rows = node_rows;
  return most;
}

std::size_t BatchPlanner::bytes_of(const MostTouched& most) const {
  const auto ids = [](std::size_t count) { return ArrayRoom::bytes<std::uint32_t>(count); };
  return ArrayRoom::bytes<std::uint64_t>(TouchedMemory::kSizes) + ids(most.rows + 1) +
         ids(most.rows + 2) + ids(most.node_lookups) + 2 * ids(station_.owners.count() + 1) +
         ids(most.asked) + ids(most.projected_lookups) + ids(most.projected_rows) +
         ids(most.dot_rows);
}

BatchPlanner::TouchedMemory BatchPlanner::take(const MostTouched& most, ArrayRoom& room) const {
  TouchedMemory memory;
  memory.sizes = room.take<std::uint64_t>(TouchedMemory::kSizes);
  memory.rows = room.take<std::uint32_t>(most.rows + 1);  // and one that is written over
  // Offsets are counted two places further on before they are where they belong.
  memory.offsets = room.take<std::uint32_t>(most.rows + 2);
  memory.batch_rows = room.take<std::uint32_t>(most.node_lookups);
  memory.owner_begin = room.take<std::uint32_t>(station_.owners.count() + 1);
  memory.asked_begin = room.take<std::uint32_t>(station_.owners.count() + 1);
  memory.asked = room.take<std::uint32_t>(most.asked);
  memory.lookup_slots = room.take<std::uint32_t>(most.projected_lookups);
  memory.row_lookups = room.take<std::uint32_t>(most.projected_rows);
  memory.node_ids = room.take<std::uint32_t>(most.dot_rows);
  return memory;
}

/// A rank that is alone reads each rating once anyway. Of several each needs its own tiles of what
/// another goes through; of groups of one batch it would need them before they are there.
bool BatchPlanner::copies_ratings() const {
  return group_batches_ > 1 && !input_.rows.is_in_order();
}

void BatchPlanner::reserve_groups(comm::Communicator& ranks) {
  std::vector<MostTouched> tables;
  std::size_t batch_bytes = 0;
  for (const models::TableUse& use : input_.network.tables()) {
    batch_bytes += bytes_of(tables.emplace_back(most_touched(use)));
  }
  const auto times =
      input_.rows.ratings().timestamp.empty() ? shards::Times::none : shards::Times::kept;
  const std::size_t rating_bytes =
      input_.rows.is_in_order() ? 0 : most_batch_rows() * shards::rating_bytes(times);
  group_batches_ = std::clamp<std::size_t>(
      kMostGroupBytes / 2 / std::max<std::size_t>(1, batch_bytes + rating_bytes), 1,
      static_cast<std::size_t>(station_.node_size));
  for (Group& group : groups_) {
    if (copies_ratings())
      group.ratings = NodeRatings(ranks, group_batches_ * most_batch_rows(), times);
    ArrayRoom room(ranks.node_array(group_batches_ * batch_bytes));
    for (std::size_t batch = 0; batch < group_batches_; ++batch) {
      for (const MostTouched& most : tables) group.memory.push_back(take(most, room));
    }
  }
}

RowOrder BatchPlanner::order_of(std::uint64_t epoch) {
  if (order_.kind == OrderKind::shuffle) {
    return RowOrder::shuffled(epoch_rows(), order_.seed, epoch);
  }
  // Made once an epoch: it is asked for several times a batch.
  if (!block_order_ || block_order_->first != epoch) {
    block_order_.emplace(epoch, RowOrder::of_blocks(input_.rows.blocks(), order_.seed, epoch));
  }
  return block_order_->second;
}

std::uint64_t BatchPlanner::batch_end(std::uint64_t first_position) const {
  return std::min(epoch_rows(), first_position + order_.batch_rows);
}

std::uint64_t BatchPlanner::load(std::uint64_t epoch, std::uint64_t first_position) {
  const std::uint64_t end = input_.rows.load(order_of(epoch), first_position, order_.batch_rows);
  if (end == epoch_rows() && epoch + 1 < order_.epochs)
    input_.rows.expect(order_of(epoch + 1), order_.batch_rows);
  return end;
}

void BatchPlanner::plan(std::uint64_t epoch, std::uint64_t first_position, std::uint64_t end,
                        BatchPlan& plan) {
  const Stopwatch watch;
  plan_own(epoch, first_position, plan);
  touch_group(epoch, first_position, end, plan);
  ranks_.node_barrier();
  attach(plan);
  plan.seconds = watch.seconds();
}

/// The ratings among which those from position `first` on stand at `rows`, which are overwritten:
/// in a group's copy or, without one, all.
shards::RatingView BatchPlanner::find_ratings(const Group* copied, std::uint64_t epoch,
                                              std::uint64_t first, std::span<std::uint64_t> rows) {
  if (copied == nullptr) {
    input_.rows.rows_at(order_of(epoch), first, rows);
    return input_.rows.ratings();
  }
  std::iota(rows.begin(), rows.end(), first - copied->begin);
  return copied->ratings.view();
}

void BatchPlanner::plan_own(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan) {
  const Stopwatch watch;
  const std::size_t rows = batch_end(first_position) - first_position;
  const std::size_t tiles = models::tile_count(rows);
  plan.epoch = epoch;
  plan.first_position = first_position;
  plan.tiles = station_.own_tiles(tiles);
  plan.node_tiles = station_.node_tiles(tiles);
  plan.own = rows_of(plan.tiles, rows);
  rows_.resize(rows);
  const auto own = std::span(rows_).subspan(plan.own.begin, plan.own.size());
  const Group* copied = copies_ratings() ? group_of(epoch, first_position) : nullptr;
  const auto ratings = find_ratings(copied, epoch, first_position + plan.own.begin, own);
  input_.features.gather_part(ratings, rows_, own_, plan.own, plan.batch);
  plan.seconds = watch.seconds();
}

void BatchPlanner::touch_group(std::uint64_t epoch, std::uint64_t first_position, std::uint64_t end,
                               const BatchPlan& own) {
  if (first_position >= end) return;
  newest_ = 1 - newest_;
  Group& group = groups_[newest_];
  group.epoch = epoch;
  group.begin = first_position;
  group.end = std::min(end, first_position + group_batches_ * order_.batch_rows);
  const auto number = static_cast<std::size_t>(station_.node_rank);
  const std::uint64_t first = first_position + number * order_.batch_rows;
  if (number >= group_batches_ || first >= group.end) return;
  const std::size_t rows = batch_end(first) - first;
  if (!copies_ratings() && own.first_position == first && own.own.size() == rows) {
    whole_ = &own.batch;
  } else {
    rows_.resize(rows);
    const Group* copied = copies_ratings() ? &group : nullptr;
    if (copied != nullptr)
      input_.rows.copy(order_of(epoch), first, rows, group.ratings, first - group.begin);
    input_.features.gather(find_ratings(copied, epoch, first, rows_), rows_, looked_up_, gathered_);
    whole_ = &gathered_;
  }
  node_rows_ = rows_of(station_.node_tiles(models::tile_count(rows)), rows);
  for (std::size_t table = 0; table < index_.size(); ++table) {
    touch(table, group.memory[number * index_.size() + table]);
  }
}

const BatchPlanner::Group* BatchPlanner::group_of(std::uint64_t epoch,
                                                  std::uint64_t position) const {
  const auto holds = [&](const Group& group) {
    return group.epoch == epoch && group.begin <= position && position < group.end;
  };
  const auto found = std::ranges::find_if(groups_, holds);
  return found == groups_.end() ? nullptr : &*found;
}

void BatchPlanner::attach(BatchPlan& plan) const {
  const Group* group = group_of(plan.epoch, plan.first_position);
  if (group == nullptr) {
    throw InternalError("the rows that the batch at position {} touches were not found",
                        plan.first_position);
  }
  const std::size_t number = (plan.first_position - group->begin) / order_.batch_rows;
  plan.tables.resize(index_.size());
  for (std::size_t table = 0; table < index_.size(); ++table) {
    const TouchedMemory& memory = group->memory[number * index_.size() + table];
    const std::size_t rows = memory.sizes[TouchedMemory::kRows];
    plan.tables[table] = {memory.rows.first(rows),
                          memory.offsets.first(rows + 1),
                          memory.batch_rows.first(memory.sizes[TouchedMemory::kNodeLookups]),
                          memory.sizes[TouchedMemory::kLookups],
                          memory.owner_begin,
                          memory.asked_begin,
                          memory.asked,
                          own_slots(memory, plan),
                          memory.node_ids};
  }
}

std::span<const std::uint32_t> BatchPlanner::own_slots(const TouchedMemory& memory,
                                                       const BatchPlan& plan) {
  if (memory.row_lookups.empty() || plan.own.size() == 0) return {};
  const std::size_t before = plan.own.begin - plan.node_tiles.begin * models::kTileRows;
  const std::uint32_t begin = memory.row_lookups[before];
  return memory.lookup_slots.subspan(begin, memory.row_lookups[before + plan.own.size()] - begin);
}

namespace {

/// Calls visit(table row, batch row) for each lookup of `column` by batch rows in `range`.
template <typename Visit>
void for_each_lookup(const features::Batch& batch, const models::LookupColumn& column, Range range,
                     const Visit& visit) {
  if (const auto* id = std::get_if<features::IdColumn>(&column)) {
    const auto& ids = batch[*id];
    for (std::size_t row = range.begin; row < range.end; ++row) visit(ids[row], row);
    return;
  }
  const features::BagValues& bags = batch[std::get<features::BagColumn>(column)];
  for (std::size_t row = range.begin; row < range.end; ++row) {
    for (std::uint32_t i = bags.offsets[row]; i < bags.offsets[row + 1]; ++i) {
      visit(bags.values[i], row);
    }
  }
}

/// Calls visit(index) for each bit that is set, and clears them.
template <typename Visit>
void take_bits(std::span<std::uint64_t> bits, const Visit& visit) {
  for (std::size_t word = 0; word < bits.size(); ++word)
    for_each_bit(std::exchange(bits[word], 0), word * 64, visit);
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t index) {
  bits[index / 64] |= std::uint64_t{1} << (index % 64);
}

}  // namespace

void BatchPlanner::touch(std::size_t table, const TouchedMemory& memory) {
  if (can_count(table)) {
    count(table, memory);
  } else {
    mark(table, memory);
    list_rows(table, memory);
    sort_lookups(table, memory);
  }
  list_asked(table, memory);
  list_row_lookups(table, memory);
  list_ids(table, memory);
  std::ranges::fill(index_[table].touched_bits, 0U);
}

/// Where one node looks up and keeps all rows, of which there are few.
bool BatchPlanner::can_count(std::size_t table) const {
  return !index_[table].counts.empty() && station_.owners.count() == 1 &&
         node_rows_.size() == whole_->rows;
}

/// What mark(), list_rows() and sort_lookups() do.
void BatchPlanner::count(std::size_t table, const TouchedMemory& memory) {
  auto& counts = index_[table].counts;
  auto& slots = index_[table].slots;
  const auto& column = input_.network.tables()[table].column;
  for_each_lookup(*whole_, column, node_rows_,
                  [&](std::uint32_t row, std::size_t) { ++counts[row]; });
  std::uint32_t slot = 0;
  std::uint32_t lookups = 0;
  // Without a branch, which nobody could foretell: a row that is not looked up is written over.
  for (std::size_t row = 0; row < counts.size(); ++row) {
    const std::uint32_t count = std::exchange(counts[row], lookups);  // where its first goes
    slots[row] = slot;
    memory.rows[slot] = static_cast<std::uint32_t>(row);
    memory.offsets[slot] = lookups;
    lookups += count;
    slot += count > 0 ? 1 : 0;
  }
  memory.offsets[slot] = lookups;
  memory.owner_begin[0] = 0;
  memory.owner_begin[1] = slot;
  memory.sizes[TouchedMemory::kRows] = slot;
  memory.sizes[TouchedMemory::kLookups] = lookups;
  memory.sizes[TouchedMemory::kNodeLookups] = lookups;
  std::size_t lookup = 0;
  for_each_lookup(*whole_, column, node_rows_, [&](std::uint32_t row, std::size_t batch_row) {
    if (!memory.lookup_slots.empty()) memory.lookup_slots[lookup++] = slots[row];
    memory.batch_rows[counts[row]++] = static_cast<std::uint32_t>(batch_row);
  });
  std::ranges::fill(counts, 0U);
}

void BatchPlanner::mark(std::size_t table, const TouchedMemory& memory) {
  TableIndex& index = index_[table];
  const auto& column = input_.network.tables()[table].column;
  std::size_t lookups = 0;
  for_each_lookup(*whole_, column, {0, whole_->rows}, [&](std::uint32_t row, std::size_t) {
    set_bit(index.touched_bits, row);
    ++lookups;
  });
  memory.sizes[TouchedMemory::kLookups] = lookups;
  if (station_.owners.count() == 1) return;
  for_each_lookup(*whole_, column, node_rows_,
                  [&](std::uint32_t row, std::size_t) { set_bit(index.own_bits, row); });
  // Of the others' rows only those that the node looks up.
  const std::size_t rows = table_rows(input_, input_.network.tables()[table]);
  const RunBits runs = run_bits(station_.owners);
  for (std::size_t begin = 0; begin < rows; begin += runs.rows) {
    if (station_.owners.owns(begin)) continue;
    const std::uint64_t run = runs.mask << (begin % 64);
    index.touched_bits[begin / 64] &= ~run | index.own_bits[begin / 64];
  }
  std::ranges::fill(index.own_bits, 0U);
}

/// Gives every marked row its slot: by owner, of each rising.
void BatchPlanner::list_rows(std::size_t table, const TouchedMemory& memory) {
  TableIndex& index = index_[table];
  const Owners& owners = station_.owners;
  const RunBits run = run_bits(owners);
  const auto runs = [&](const auto& visit) {
    for (std::size_t word = 0; word < index.touched_bits.size(); ++word) {
      if (index.touched_bits[word] == 0) continue;
      for (std::size_t part = 0; part < 64; part += run.rows) {
        const std::uint64_t bits = index.touched_bits[word] & (run.mask << part);
        if (bits != 0) visit(bits, word * 64, owners.of(word * 64 + part));
      }
    }
  };
  const auto begins = memory.owner_begin;
  std::ranges::fill(begins, 0U);
  runs([&](std::uint64_t bits, std::size_t, std::size_t owner) {
    begins[owner + 1] += static_cast<std::uint32_t>(std::popcount(bits));
  });
  for (std::size_t owner = 1; owner < begins.size(); ++owner) begins[owner] += begins[owner - 1];
  next_slot_.assign(begins.begin(), begins.end());
  runs([&](std::uint64_t bits, std::size_t first, std::size_t owner) {
    std::uint32_t& slot = next_slot_[owner];
    const auto lowest = static_cast<std::size_t>(std::countr_zero(bits));
    index.first_slot[(first + lowest) >> index.run_shift] = slot;
    for_each_bit(bits, first,
                 [&](std::size_t row) { memory.rows[slot++] = static_cast<std::uint32_t>(row); });
  });
  memory.sizes[TouchedMemory::kRows] = begins.back();
}

/// A counting sort of the node's lookups by slot. Slots are looked up once; where rows are
/// projected tiles read them, too.
void BatchPlanner::sort_lookups(std::size_t table, const TouchedMemory& memory) {
  const TableIndex& index = index_[table];
  const auto& column = input_.network.tables()[table].column;
  const auto offsets = memory.offsets.first(memory.sizes[TouchedMemory::kRows] + 2);
  std::ranges::fill(offsets, 0U);
  if (memory.lookup_slots.empty()) slots_.resize(memory.batch_rows.size());
  const auto slots = memory.lookup_slots.empty() ? std::span(slots_) : memory.lookup_slots;
  std::size_t lookups = 0;
  for_each_lookup(*whole_, column, node_rows_, [&](std::uint32_t row, std::size_t) {
    const std::uint32_t slot = index.slot_of(row);
    slots[lookups++] = slot;
    ++offsets[slot + 2];
  });
  for (std::size_t slot = 2; slot < offsets.size(); ++slot) offsets[slot] += offsets[slot - 1];
  memory.sizes[TouchedMemory::kNodeLookups] = lookups;
  lookups = 0;
  for_each_lookup(*whole_, column, node_rows_, [&](std::uint32_t, std::size_t batch_row) {
    memory.batch_rows[offsets[slots[lookups++] + 1]++] = static_cast<std::uint32_t>(batch_row);
  });
}

/// Where the slots of each of the node's batch rows begin.
void BatchPlanner::list_row_lookups(std::size_t table, const TouchedMemory& memory) const {
  if (memory.row_lookups.empty()) return;
  const auto& column = input_.network.tables()[table].column;
  std::uint32_t lookups = 0;
  std::size_t next_row = node_rows_.begin;  // whose first look-up is to come
  const auto begin_rows = [&](std::size_t end) {
    for (; next_row < end; ++next_row) memory.row_lookups[next_row - node_rows_.begin] = lookups;
  };
  for_each_lookup(*whole_, column, node_rows_, [&](std::uint32_t, std::size_t batch_row) {
    begin_rows(batch_row + 1);
    ++lookups;
  });
  begin_rows(node_rows_.end + 1);
}

void BatchPlanner::list_ids(std::size_t table, const TouchedMemory& memory) const {
  if (memory.node_ids.empty()) return;
  const auto& ids = (*whole_)[std::get<features::IdColumn>(input_.network.tables()[table].column)];
  std::copy_n(ids.data() + node_rows_.begin, node_rows_.size(), memory.node_ids.data());
}

void BatchPlanner::list_asked(std::size_t table, const TouchedMemory& memory) {
  const Owners& owners = station_.owners;
  std::ranges::fill(memory.asked_begin, 0U);
  if (owners.count() == 1) return;
  const TableIndex& index = index_[table];
  const auto& column = input_.network.tables()[table].column;
  const std::size_t own_begin = memory.owner_begin[owners.node()];
  asked_bits_.resize((memory.owner_begin[owners.node() + 1] - own_begin + 63) / 64, 0);
  std::uint32_t asked = 0;
  for (std::size_t node = 0; node < owners.count(); ++node) {
    memory.asked_begin[node] = asked;
    if (node == owners.node()) continue;
    const Range rows =
        rows_of(owners.tiles_of(node, models::tile_count(whole_->rows)), whole_->rows);
    for_each_lookup(*whole_, column, rows, [&](std::uint32_t row, std::size_t) {
      if (owners.owns(row)) set_bit(asked_bits_, index.slot_of(row) - own_begin);
    });
    take_bits(asked_bits_, [&](std::size_t bit) {
      memory.asked[asked++] = static_cast<std::uint32_t>(own_begin + bit);
    });
  }
  memory.asked_begin[owners.count()] = asked;
}

std::string idle_ranks_warning(int ranks, std::uint64_t batch_rows, std::uint64_t epoch_rows) {
  const std::uint64_t rows = std::min(batch_rows, epoch_rows);
  const std::uint64_t tiles = models::tile_count(rows);
  const auto count = static_cast<std::uint64_t>(ranks);
  if (count <= tiles) return {};
  const std::uint64_t needed = (count - 1) * models::kTileRows + 1;
  const std::string larger_batch =
      needed > epoch_rows
          ? std::string()
          : fmt::format(", or --batch {} or more, which gives another result", needed);
  return fmt::format(
      "{} of {} ranks have no work: {} ratings of a batch are {} pieces of {}, the least that a "
      "rank computes. Use {} ranks{}",
      count - tiles, count, rows, tiles, models::kTileRows, tiles, larger_batch);
}

}  // namespace nnrec::train
