#include "nnrec/train/accumulated_gradient.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "nnrec/base/range.hpp"

namespace nnrec::train {
namespace {

void add_elements(const std::int64_t* more, std::size_t count, std::int64_t* sum) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += more[i];
}

}  // namespace

AccumulatedGradient::AccumulatedGradient(const nn::ParameterLayout& layout,
                                         const math::ThreadTeam& team)
    : layout_(layout), team_(team), dense_(layout.dense_size(), 0) {}

void AccumulatedGradient::clear() {
  std::ranges::fill(dense_, 0);
  for (Table& table : tables_) table = {};
}

/// Adds rows to those of `into` of the same number; both lists are rising.
void AccumulatedGradient::add_rows(const Gradient::Table& more, Table& into) const {
  const auto shares = static_cast<std::size_t>(team_.size());
  team_.for_each(shares, [&](std::size_t share, std::size_t) {
    const Range own = share_of(more.rows.size(), static_cast<int>(share), team_.size());
    auto place = into.rows.begin();
    for (std::size_t slot = own.begin; slot < own.end; ++slot) {
      place = std::lower_bound(place, into.rows.end(), more.rows[slot]);
      const auto at = static_cast<std::size_t>(place - into.rows.begin());
      add_elements(more.sums + slot * more.cols, more.cols, into.sums.data() + at * more.cols);
    }
  });
}

void AccumulatedGradient::add(const Gradient& gradient) {
  add_elements(gradient.dense.data(), dense_.size(), dense_.data());
  tables_.resize(gradient.tables.size());
  sum_.dense = dense_;
  sum_.tables = gradient.tables;  // blocks and shapes
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const Gradient::Table& more = gradient.tables[t];
    Table all;
    std::ranges::set_union(tables_[t].rows, more.rows, std::back_inserter(all.rows));
    all.sums.assign(all.rows.size() * more.cols, 0);
    add_rows({more.block, more.cols, tables_[t].rows, tables_[t].sums.data()}, all);
    add_rows(more, all);
    tables_[t] = std::move(all);
    sum_.tables[t].rows = tables_[t].rows;
    sum_.tables[t].sums = tables_[t].sums.data();
  }
}

}  // namespace nnrec::train
