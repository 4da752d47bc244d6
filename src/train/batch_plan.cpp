#include "nnrec/train/batch_plan.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "nnrec/base/permutation.hpp"
#include "nnrec/base/stopwatch.hpp"

namespace nnrec::train {

BatchPlanner::BatchPlanner(const ModelInput& input, const Order& order, int rank, int ranks)
    : input_(input), own_(input.network.columns()), order_(order), rank_(rank), ranks_(ranks) {
  looked_up_.rating = false;
  for (const models::TableUse& use : input.network.tables()) {
    const std::size_t rows = input.network.layout()[use.block].rows;
    index_.push_back(
        {std::vector<std::uint64_t>((rows + 63) / 64, 0), std::vector<std::uint32_t>(rows, 0)});
    std::visit(
        [this](auto column) {
          looked_up_[column] = true;
          own_[column] = false;
        },
        use.column);
  }
}

RowOrder BatchPlanner::order_of(std::uint64_t epoch) const {
  return Permutation(epoch_rows(), order_.seed, Purpose::epoch_order, epoch);
}

std::uint64_t BatchPlanner::load(std::uint64_t epoch, std::uint64_t first_position) {
  return input_.rows.load(order_of(epoch), first_position, order_.batch_rows);
}

void BatchPlanner::plan(std::uint64_t epoch, std::uint64_t first_position, BatchPlan& plan) {
  const Stopwatch watch;
  const RowOrder order = order_of(epoch);
  rows_.resize(std::min(order_.batch_rows, epoch_rows() - first_position));
  input_.rows.rows_at(order, first_position, rows_);

  plan.first_position = first_position;
  plan.tiles = share_of(models::tile_count(rows_.size()), rank_, ranks_);
  plan.own = {std::min(plan.tiles.begin * models::kTileRows, rows_.size()),
              std::min(plan.tiles.end * models::kTileRows, rows_.size())};
  const shards::RatingColumns& columns = input_.rows.columns();
  input_.features.gather(columns, rows_, looked_up_, plan.batch);
  input_.features.gather_part(columns, rows_, own_, {plan.own.begin, plan.own.end}, plan.batch);
  plan.tables.resize(index_.size());
  for (std::size_t table = 0; table < index_.size(); ++table) {
    touch(table, plan, plan.tables[table]);
  }
  plan.seconds = watch.seconds();
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

void BatchPlanner::touch(std::size_t table, const BatchPlan& plan, TouchedRows& touched) {
  // By name: clang 14 lets no lambda use a structured binding.
  auto& bits = index_[table].touched_bits;
  auto& slot_of_row = index_[table].slot_of_row;
  const auto& column = input_.network.tables()[table].column;
  const features::Batch& batch = plan.batch;

  touched.lookups = 0;
  for_each_lookup(batch, column, {0, batch.rows}, [&](std::uint32_t row, std::size_t) {
    bits[row / 64] |= std::uint64_t{1} << (row % 64);
    ++touched.lookups;
  });
  touched.rows.clear();
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (; bits[word] != 0; bits[word] &= bits[word] - 1) {
      const auto row = static_cast<std::uint32_t>(word * 64) +
                       static_cast<std::uint32_t>(std::countr_zero(bits[word]));
      slot_of_row[row] = static_cast<std::uint32_t>(touched.rows.size());
      touched.rows.push_back(row);
    }
  }

  // A counting sort of this rank's lookups by touched row.
  touched.offsets.assign(touched.rows.size() + 2, 0);
  for_each_lookup(batch, column, plan.own,
                  [&](std::uint32_t row, std::size_t) { ++touched.offsets[slot_of_row[row] + 2]; });
  for (std::size_t slot = 2; slot < touched.offsets.size(); ++slot) {
    touched.offsets[slot] += touched.offsets[slot - 1];
  }
  touched.batch_rows.resize(touched.offsets.back());
  for_each_lookup(batch, column, plan.own, [&](std::uint32_t row, std::size_t batch_row) {
    touched.batch_rows[touched.offsets[slot_of_row[row] + 1]++] =
        static_cast<std::uint32_t>(batch_row);
  });
  touched.offsets.pop_back();
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
