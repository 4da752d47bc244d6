#include "nnrec/train/batch_plan.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"
#include "nnrec/base/stopwatch.hpp"

namespace nnrec::train {

namespace {

/// Node memory for both groups of touched rows, beyond which a group has fewer batches than the
/// node has ranks: some of them then find nothing to plan.
constexpr std::size_t kMostGroupBytes = std::size_t{256} << 20;

/// Rows of a batch of `rows` rows that lie in `tiles`.
Range rows_of(Range tiles, std::size_t rows) {
  return {std::min(tiles.begin * models::kTileRows, rows),
          std::min(tiles.end * models::kTileRows, rows)};
}

std::size_t table_rows(const ModelInput& input, const models::TableUse& use) {
  return input.network.layout()[use.block].rows;
}

}  // namespace

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
    index_.push_back(
        {std::vector<std::uint64_t>((rows + 63) / 64, 0), std::vector<std::uint32_t>(rows, 0)});
    std::visit([this](auto column) { looked_up_[column] = true; }, use.column);
  }
  reserve_groups(ranks);
}

BatchPlanner::MostTouched BatchPlanner::most_touched(const models::TableUse& use) const {
  const std::size_t batch = std::min<std::uint64_t>(order_.batch_rows, epoch_rows());
  const auto* bag = std::get_if<features::BagColumn>(&use.column);
  const std::size_t lookups = bag == nullptr ? 1 : input_.features.most_values(*bag);
  const std::size_t rows = std::min(table_rows(input_, use), batch * lookups);
  const std::size_t node_rows =
      std::min(batch, station_.most_node_tiles(models::tile_count(batch)) * models::kTileRows);
  return {rows, node_rows * lookups};
}

void BatchPlanner::reserve_groups(comm::Communicator& ranks) {
  std::vector<MostTouched> tables;
  std::size_t batch_bytes = 1;
  for (const models::TableUse& use : input_.network.tables()) {
    const MostTouched& most = tables.emplace_back(most_touched(use));
    batch_bytes += (2 * most.rows + most.node_lookups) * sizeof(std::uint32_t);
  }
  group_batches_ = std::clamp<std::size_t>(kMostGroupBytes / 2 / batch_bytes, 1,
                                           static_cast<std::size_t>(station_.node_size));
  for (Group& group : groups_) {
    for (std::size_t batch = 0; batch < group_batches_; ++batch) {
      for (const MostTouched& most : tables) {
        // Offsets are counted two places further on before they are where they belong.
        group.memory.push_back({node_array<std::uint64_t>(ranks, TouchedMemory::kSizes),
                                node_array<std::uint32_t>(ranks, most.rows),
                                node_array<std::uint32_t>(ranks, most.rows + 2),
                                node_array<std::uint32_t>(ranks, most.node_lookups)});
      }
    }
  }
}

RowOrder BatchPlanner::order_of(std::uint64_t epoch) const {
  return Permutation(epoch_rows(), order_.seed, Purpose::epoch_order, epoch);
}

std::uint64_t BatchPlanner::batch_end(std::uint64_t first_position) const {
  return std::min(epoch_rows(), first_position + order_.batch_rows);
}

std::uint64_t BatchPlanner::load(std::uint64_t epoch, std::uint64_t first_position) {
  return input_.rows.load(order_of(epoch), first_position, order_.batch_rows);
}

void BatchPlanner::plan(std::uint64_t epoch, std::uint64_t first_position, std::uint64_t end,
                        BatchPlan& plan) {
  const Stopwatch watch;
  touch_group(epoch, first_position, end);
  plan_own(epoch, first_position, plan);
  ranks_.node_barrier();
  attach(plan);
  plan.seconds = watch.seconds();
}

void BatchPlanner::plan_own(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan) {
  const Stopwatch watch;
  const std::size_t rows = batch_end(first_position) - first_position;
  const std::size_t tiles = models::tile_count(rows);
  plan.first_position = first_position;
  plan.tiles = station_.own_tiles(tiles);
  plan.node_tiles = station_.node_tiles(tiles);
  plan.own = rows_of(plan.tiles, rows);
  rows_.resize(rows);
  const auto own = std::span(rows_).subspan(plan.own.begin, plan.own.size());
  input_.rows.rows_at(order_of(epoch), first_position + plan.own.begin, own);
  input_.features.gather_part(input_.rows.columns(), rows_, own_, plan.own, plan.batch);
  plan.seconds = watch.seconds();
}

void BatchPlanner::touch_group(std::uint64_t epoch, std::uint64_t first_position,
                               std::uint64_t end) {
  if (first_position >= end) return;
  newest_ = 1 - newest_;
  Group& group = groups_[newest_];
  group.begin = first_position;
  group.end = std::min(end, first_position + group_batches_ * order_.batch_rows);
  const auto number = static_cast<std::size_t>(station_.node_rank);
  const std::uint64_t first = first_position + number * order_.batch_rows;
  if (number >= group_batches_ || first >= group.end) return;
  rows_.resize(batch_end(first) - first);
  input_.rows.rows_at(order_of(epoch), first, rows_);
  input_.features.gather(input_.rows.columns(), rows_, looked_up_, whole_);
  const Range node_rows =
      rows_of(station_.node_tiles(models::tile_count(rows_.size())), rows_.size());
  for (std::size_t table = 0; table < index_.size(); ++table) {
    touch(table, node_rows, group.memory[number * index_.size() + table]);
  }
}

void BatchPlanner::attach(BatchPlan& plan) const {
  const auto holds = [&](const Group& group) {
    return group.begin <= plan.first_position && plan.first_position < group.end;
  };
  // The newest first: that of an epoch before may name the same positions.
  const Group& group = holds(groups_[newest_]) ? groups_[newest_] : groups_[1 - newest_];
  if (!holds(group)) {
    throw InternalError("the rows that the batch at position {} touches were not found",
                        plan.first_position);
  }
  const std::size_t number = (plan.first_position - group.begin) / order_.batch_rows;
  plan.tables.resize(index_.size());
  for (std::size_t table = 0; table < index_.size(); ++table) {
    const TouchedMemory& memory = group.memory[number * index_.size() + table];
    const std::size_t rows = memory.sizes[TouchedMemory::kRows];
    plan.tables[table] = {memory.rows.first(rows), memory.offsets.first(rows + 1),
                          memory.batch_rows.first(memory.sizes[TouchedMemory::kNodeLookups]),
                          memory.sizes[TouchedMemory::kLookups]};
  }
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

}  // namespace

void BatchPlanner::touch(std::size_t table, Range node_rows, const TouchedMemory& memory) {
  // By name: clang 14 lets no lambda use a structured binding.
  auto& bits = index_[table].touched_bits;
  auto& slot_of_row = index_[table].slot_of_row;
  const auto& column = input_.network.tables()[table].column;

  std::size_t lookups = 0;
  for_each_lookup(whole_, column, {0, whole_.rows}, [&](std::uint32_t row, std::size_t) {
    bits[row / 64] |= std::uint64_t{1} << (row % 64);
    ++lookups;
  });
  std::size_t touched = 0;
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (; bits[word] != 0; bits[word] &= bits[word] - 1) {
      const auto row = static_cast<std::uint32_t>(word * 64) +
                       static_cast<std::uint32_t>(std::countr_zero(bits[word]));
      slot_of_row[row] = static_cast<std::uint32_t>(touched);
      memory.rows[touched++] = row;
    }
  }

  // A counting sort of the node's lookups by touched row.
  const auto offsets = memory.offsets.first(touched + 2);
  std::ranges::fill(offsets, 0U);
  for_each_lookup(whole_, column, node_rows,
                  [&](std::uint32_t row, std::size_t) { ++offsets[slot_of_row[row] + 2]; });
  for (std::size_t slot = 2; slot < offsets.size(); ++slot) offsets[slot] += offsets[slot - 1];
  memory.sizes[TouchedMemory::kRows] = touched;
  memory.sizes[TouchedMemory::kNodeLookups] = offsets.back();
  memory.sizes[TouchedMemory::kLookups] = lookups;
  for_each_lookup(whole_, column, node_rows, [&](std::uint32_t row, std::size_t batch_row) {
    memory.batch_rows[offsets[slot_of_row[row] + 1]++] = static_cast<std::uint32_t>(batch_row);
  });
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
