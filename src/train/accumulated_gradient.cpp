#include "nnrec/train/accumulated_gradient.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

#include "nnrec/base/bits.hpp"
#include "nnrec/base/range.hpp"

namespace nnrec::train {
namespace {

constexpr std::size_t kWordRows = 64;

void add_elements(std::span<const std::int64_t> more, std::int64_t* sum) {
  for (const std::int64_t element : more) *sum++ += element;
}

/// Others may set bits of the same word.
void set_bit(std::span<std::uint64_t> bits, std::size_t row) {
  std::atomic_ref(bits[row / kWordRows])
      .fetch_or(std::uint64_t{1} << (row % kWordRows), std::memory_order_relaxed);
}

/// Calls visit(row) for each row that has its bit in words of `range`, rising.
template <typename Visit>
void for_each_row(std::span<const std::uint64_t> words, Range range, const Visit& visit) {
  for (std::size_t word = range.begin; word < range.end; ++word)
    for_each_bit(words[word], word * kWordRows, visit);
}

}  // namespace

AccumulatedGradient::AccumulatedGradient(std::size_t dense_size, std::span<const TableSize> tables,
                                         comm::Communicator& ranks, const Station& station,
                                         const math::ThreadTeam& team)
    : ranks_(ranks),
      station_(station),
      team_(team),
      dense_(node_array<std::int64_t>(ranks, dense_size)),
      counts_(node_array<std::uint64_t>(
          ranks, tables.size() * static_cast<std::size_t>(station.node_size))),
      before_(tables.size() * static_cast<std::size_t>(team.size())),
      totals_(tables.size()) {
  for (const TableSize& size : tables) {
    tables_.push_back({size.cols, 0,
                       node_array<std::uint64_t>(ranks, (size.rows + kWordRows - 1) / kWordRows),
                       node_array<std::uint32_t>(ranks, size.rows),
                       node_array<std::int64_t>(ranks, size.most_touched * size.cols),
                       node_array<std::uint32_t>(ranks, size.most_touched),
                       node_array<std::uint32_t>(ranks, size.most_touched)});
  }
}

/// What thread `part` of this rank does of so many elements.
Range AccumulatedGradient::part_of(std::size_t elements, std::size_t part) const {
  const Range own = share_of(elements, station_.node_rank, station_.node_size);
  const Range range = share_of(own.size(), static_cast<int>(part), team_.size());
  return {own.begin + range.begin, own.begin + range.end};
}

/// Fills before_ and totals_ by count(table, part).
template <typename Count>
void AccumulatedGradient::count_parts(const Count& count) {
  const auto parts = static_cast<std::size_t>(team_.size());
  const auto node_ranks = static_cast<std::size_t>(station_.node_size);
  const auto own_rank = static_cast<std::size_t>(station_.node_rank);
  team_.for_each(parts, [&](std::size_t part, std::size_t) {
    for (std::size_t table = 0; table < tables_.size(); ++table)
      before_[table * parts + part] = count(table, part);
  });
  const auto of_table = [&](std::size_t table) {
    return std::span(before_).subspan(table * parts, parts);
  };
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    std::size_t& own = totals_[table] = 0;
    for (std::size_t& before : of_table(table)) own += std::exchange(before, own);
    counts_[table * node_ranks + own_rank] = own;
  }
  ranks_.node_barrier();
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    std::size_t all = 0;
    for (std::size_t rank = 0; rank < node_ranks; ++rank) {
      if (rank == own_rank) {
        for (std::size_t& before : of_table(table)) before += all;
      }
      all += counts_[table * node_ranks + rank];
    }
    totals_[table] = all;
  }
}

void AccumulatedGradient::clear() {
  team_.for_each(static_cast<std::size_t>(team_.size()), [&](std::size_t part, std::size_t) {
    const Range dense = part_of(dense_.size(), part);
    std::ranges::fill(dense_.subspan(dense.begin, dense.size()), 0);
    for (const Table& table : tables_) {
      const Range words = part_of(table.bits.size(), part);
      for_each_row(table.bits, words, [&](std::size_t row) { table.slot[row] = 0; });
      std::ranges::fill(table.bits.subspan(words.begin, words.size()), 0U);
    }
  });
  for (Table& table : tables_) table.used = 0;
}

void AccumulatedGradient::add(const Gradient& gradient) {
  count_parts([&](std::size_t table, std::size_t part) {
    const auto rows = gradient.tables[table].rows;
    const Range own = part_of(rows.size(), part);
    return static_cast<std::size_t>(
        std::ranges::count_if(rows.subspan(own.begin, own.size()),
                              [&](std::uint32_t row) { return tables_[table].slot[row] == 0; }));
  });
  team_.for_each(static_cast<std::size_t>(team_.size()), [&](std::size_t part, std::size_t) {
    add_dense(gradient.dense, part);
    for (std::size_t table = 0; table < tables_.size(); ++table)
      add_rows(gradient.tables[table], table, part);
  });
  sum_.dense = dense_;
  sum_.tables = gradient.tables;  // blocks and shapes
  for (std::size_t table = 0; table < tables_.size(); ++table)
    tables_[table].used += totals_[table];
}

void AccumulatedGradient::add_dense(std::span<const std::int64_t> more, std::size_t part) {
  const Range own = part_of(dense_.size(), part);
  add_elements(more.subspan(own.begin, own.size()), dense_.data() + own.begin);
}

void AccumulatedGradient::add_rows(const Gradient::Table& more, std::size_t number,
                                   std::size_t part) {
  const Table& table = tables_[number];
  const Range own = part_of(more.rows.size(), part);
  std::size_t next = table.used + before_[number * static_cast<std::size_t>(team_.size()) + part];
  for (std::size_t i = own.begin; i < own.end; ++i) {
    const std::span<const std::int64_t> elements(more.row(i), more.cols);
    std::uint32_t& slot = table.slot[more.rows[i]];
    if (slot == 0) {
      std::ranges::copy(elements, table.sums.data() + next * table.cols);
      set_bit(table.bits, more.rows[i]);
      slot = static_cast<std::uint32_t>(++next);
    } else {
      add_elements(elements, table.sums.data() + (slot - 1) * table.cols);
    }
  }
}

/// Those of this part of the bits.
void AccumulatedGradient::list_rows(std::size_t number, std::size_t part) {
  const Table& table = tables_[number];
  std::size_t place = before_[number * static_cast<std::size_t>(team_.size()) + part];
  for_each_row(table.bits, part_of(table.bits.size(), part), [&](std::size_t row) {
    table.rows[place] = static_cast<std::uint32_t>(row);
    table.slots[place++] = table.slot[row] - 1;
  });
}

const AccumulatedGradient::Gradient& AccumulatedGradient::sum() {
  count_parts([&](std::size_t table, std::size_t part) {
    const auto bits = tables_[table].bits;
    std::size_t rows = 0;
    const Range words = part_of(bits.size(), part);
    for (const std::uint64_t word : bits.subspan(words.begin, words.size()))
      rows += static_cast<std::size_t>(std::popcount(word));
    return rows;
  });
  team_.for_each(static_cast<std::size_t>(team_.size()), [&](std::size_t part, std::size_t) {
    for (std::size_t table = 0; table < tables_.size(); ++table) list_rows(table, part);
  });
  ranks_.node_barrier();
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    const Table& table = tables_[number];
    Gradient::Table& all = sum_.tables[number];
    all.rows = table.rows.first(table.used);
    all.sums = table.sums.data();
    all.slots = table.slots.first(table.used);
  }
  return sum_;
}

}  // namespace nnrec::train
