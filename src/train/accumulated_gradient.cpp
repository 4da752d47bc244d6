#include "nnrec/train/accumulated_gradient.hpp"

#include <algorithm>

#include "nnrec/base/range.hpp"

namespace nnrec::train {
namespace {

constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

void add_elements(const std::int64_t* more, std::size_t count, std::int64_t* sum) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += more[i];
}

}  // namespace

AccumulatedGradient::AccumulatedGradient(const nn::ParameterLayout& layout,
                                         const math::ThreadTeam& team)
    : layout_(layout), team_(team), dense_(layout.dense_size(), 0) {}

void AccumulatedGradient::clear() {
  std::ranges::fill(dense_, 0);
  for (Table& table : tables_) {
    for (const std::uint32_t row : table.rows) table.slot_of_row[row] = kNoSlot;
    table.rows.clear();
    table.sums.clear();
  }
}

void AccumulatedGradient::find_slots(const Gradient::Table& more, Table& table) const {
  table.slot_of_row.resize(layout_[more.block].rows, kNoSlot);
  for (const std::uint32_t row : more.rows) {
    if (table.slot_of_row[row] != kNoSlot) continue;
    table.slot_of_row[row] = static_cast<std::uint32_t>(table.rows.size());
    table.rows.push_back(row);
  }
  table.sums.resize(table.rows.size() * more.cols, 0);
}

void AccumulatedGradient::add(const Gradient& gradient) {
  add_elements(gradient.dense.data(), dense_.size(), dense_.data());
  tables_.resize(gradient.tables.size());
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const Gradient::Table& more = gradient.tables[t];
    Table& table = tables_[t];
    find_slots(more, table);
    team_.for_each(static_cast<std::size_t>(team_.size()), [&](std::size_t share, std::size_t) {
      const Range slots = share_of(more.rows.size(), static_cast<int>(share), team_.size());
      for (std::size_t slot = slots.begin; slot < slots.end; ++slot) {
        add_elements(more.sums + slot * more.cols, more.cols,
                     table.sums.data() + table.slot_of_row[more.rows[slot]] * more.cols);
      }
    });
  }
  sum_.dense = dense_;
  sum_.tables = gradient.tables;  // blocks and shapes
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    sum_.tables[t].rows = tables_[t].rows;
    sum_.tables[t].sums = tables_[t].sums.data();
  }
}

}  // namespace nnrec::train
