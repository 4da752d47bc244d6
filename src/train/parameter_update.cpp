#include "nnrec/train/parameter_update.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nnrec/base/per_processor.hpp"

namespace nnrec::train {
namespace {

/// Elements that one piece of work covers: enough to be worth a hand-over, few enough to share a
/// small model out to many ranks.
constexpr std::size_t kPieceElements = 2048;
/// Elements that are converted to means at a time: they stay in the first cache.
constexpr std::size_t kMeanElements = 512;

std::size_t rows_for(std::size_t elements, std::size_t cols) {
  return std::max<std::size_t>(1, elements / cols);
}

/// Where a block's parameters and state begin.
nn::RowsToUpdate rows_of(std::size_t block, const nn::UpdateRules& rules,
                         nn::ParameterSet& parameters, nn::ParameterSet& state) {
  nn::RowsToUpdate rows;
  rows.parameters = parameters.values(block).data();
  rows.cols = parameters.layout()[block].cols;
  for (std::size_t slot = 0; slot < rules.slot_count(block); ++slot) {
    rows.state.at(slot) = state.values(rules.first_slot(block) + slot).data();
  }
  return rows;
}

/// Asks for a row that is written soon. Where other cores have read it, they give their copies up
/// before it can be written, which takes longer than a row's update.
void prefetch_to_write(const float* row, std::size_t cols) {
  constexpr std::size_t kLine = 16;
  for (std::size_t c = 0; c < cols; c += kLine) __builtin_prefetch(row + c, 1);
  asm volatile("");  // gcc leaves out calls of functions that do nothing but this
}

/// gradient += l2 w, and beside it a factor of each row where `factors` has them.
NNREC_PER_PROCESSOR
void add_penalty(float l2, std::span<const float> factors, const nn::RowsToUpdate& rows,
                 float* gradient) {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const float* w = rows.parameters_of(i);
    float* g = gradient + i * rows.cols;
    const float factor = factors.empty() ? l2 : l2 + factors[rows.row(i)];
    for (std::size_t c = 0; c < rows.cols; ++c) g[c] = std::fma(factor, w[c], g[c]);
  }
}

/// Of touched rows of a table from the `first` on.
template <typename Sum>
void means_of(const typename ParameterUpdate<Sum>::Gradient::Table& table, std::size_t first,
              std::size_t count, double scale, float* means) {
  const std::size_t elements = count * table.cols;
  if (table.means != nullptr) {
    std::copy_n(table.means + first * table.cols, elements, means);
  } else if (table.slots.empty()) {
    Sum::to_mean(table.row(first), elements, scale, means);
  } else {
    for (std::size_t i = 0; i < count; ++i)
      Sum::to_mean(table.row(first + i), table.cols, scale, means + i * table.cols);
  }
}

/// Of rows that follow each other, touched or not.
template <typename Sum>
void mean_of_all_rows(const typename ParameterUpdate<Sum>::Gradient::Table& table,
                      const nn::RowsToUpdate& rows, double scale, float* means) {
  std::fill_n(means, rows.count * rows.cols, 0.0F);
  const auto touched = std::ranges::lower_bound(table.rows, rows.first_row);
  for (auto i = static_cast<std::size_t>(touched - table.rows.begin());
       i < table.rows.size() && table.rows[i] < rows.first_row + rows.count; ++i) {
    means_of<Sum>(table, i, 1, scale, means + (table.rows[i] - rows.first_row) * rows.cols);
  }
}

}  // namespace

template <typename Sum>
ParameterUpdate<Sum>::ParameterUpdate(const nn::ParameterLayout& layout,
                                      const nn::UpdateRules& rules, const math::ThreadTeam& team,
                                      RowPenalties penalties)
    : layout_(layout), rules_(rules), team_(team), penalties_(std::move(penalties)) {
  std::size_t most_cols = kMeanElements;
  for (const nn::Block& block : layout.blocks()) most_cols = std::max(most_cols, block.cols);
  means_.resize(static_cast<std::size_t>(team.size()));
  for (auto& means : means_) means.resize(most_cols);
}

template <typename Sum>
void ParameterUpdate<Sum>::cut_pieces(const Gradient& gradient, Rows which,
                                      const Station& station) {
  pieces_.clear();
  is_shared_ = station.node_size > 1 || team_.size() > 1;
  std::size_t number = 0;
  const auto cut = [&](std::size_t block, std::size_t table, std::size_t rows) {
    station.for_own_pieces(rows, rows_for(kPieceElements, layout_[block].cols), number,
                           [&](Range piece) {
                             pieces_.push_back({block, table, piece});
                           });
  };
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    if (layout_[block].kind == nn::BlockKind::dense) cut(block, kDense, layout_[block].rows);
  }
  for (std::size_t table = 0; table < gradient.tables.size(); ++table) {
    const std::size_t block = gradient.tables[table].block;
    const bool all = moves_all(block, which);
    cut(block, table, all ? layout_[block].rows : gradient.tables[table].rows.size());
  }
}

template <typename Sum>
void ParameterUpdate<Sum>::apply(const Gradient& gradient, const Step& step,
                                 nn::ParameterSet& parameters, nn::ParameterSet& state,
                                 const Station& station) {
  for_all_pieces(
      gradient, step.scale, Rows::as_rules_say, station,
      [&](std::size_t block) { return rows_of(block, rules_, parameters, state); },
      [&](const Piece& piece, const nn::RowsToUpdate& rows, float* means) {
        follow_rule(piece.block, step, rows, means);
      });
}

template <typename Sum>
void ParameterUpdate<Sum>::follow_rule(std::size_t block, const Step& step,
                                       const nn::RowsToUpdate& rows, float* means) const {
  const nn::ParameterGroup& group = rules_.group_of(block);
  const auto l2 = static_cast<float>(group.l2);
  const std::span<const float> factors = penalties_.of(block);
  if (l2 != 0.0F || !factors.empty()) add_penalty(l2, factors, rows, means);
  group.optimizer.optimizer->update(rows, {group.rate * step.rate_factor, step.number});
}

template <typename Sum>
void ParameterUpdate<Sum>::sample(const Gradient& gradient, const SampledStep& step,
                                  nn::ParameterSet& parameters, nn::ParameterSet& state,
                                  const Station& station) {
  for_all_pieces(
      gradient, step.of_rule.scale, Rows::all, station,
      [&](std::size_t block) {
        if (block == step.learnt) return rows_of(block, rules_, parameters, state);
        nn::RowsToUpdate rows;
        rows.parameters = parameters.values(block).data();
        rows.cols = layout_[block].cols;
        return rows;
      },
      [&](const Piece& piece, const nn::RowsToUpdate& rows, float* means) {
        if (piece.block == step.learnt) return follow_rule(piece.block, step.of_rule, rows, means);
        nn::langevin_update(rows, step.block(piece.block), step.langevin);
      });
}

template <typename Sum>
void ParameterUpdate<Sum>::for_all_pieces(
    const Gradient& gradient, double scale, Rows which, const Station& station,
    const std::function<nn::RowsToUpdate(std::size_t block)>& rows_of, const Move& move) {
  cut_pieces(gradient, which, station);
  team_.for_each(pieces_.size(), [&](std::size_t number, std::size_t thread) {
    const Piece& piece = pieces_[number];
    const nn::RowsToUpdate rows = rows_of(piece.block);
    if (piece.table == kDense || !moves_all(piece.block, which)) {
      return for_means(gradient, piece, scale, which, rows, means_[thread], move);
    }
    station.owners.for_each_run(piece.rows, [&](Range run) {
      for_means(gradient, {piece.block, piece.table, run}, scale, which, rows, means_[thread],
                move);
    });
  });
}

template <typename Sum>
void ParameterUpdate<Sum>::prefetch(std::size_t block, const nn::RowsToUpdate& rows) const {
  for (std::size_t i = 0; i < rows.count; ++i) prefetch_to_write(rows.parameters_of(i), rows.cols);
  for (std::size_t slot = 0; slot < rules_.slot_count(block); ++slot) {
    const nn::Block& state = rules_.state_layout()[rules_.first_slot(block) + slot];
    if (rows.state.at(slot) == nullptr || state.cols != rows.cols) continue;
    for (std::size_t i = 0; i < rows.count; ++i)
      prefetch_to_write(rows.elements_of(slot, i), rows.cols);
  }
}

template <typename Sum>
void ParameterUpdate<Sum>::for_means(const Gradient& gradient, const Piece& piece, double scale,
                                     Rows which, nn::RowsToUpdate rows, std::span<float> room,
                                     const Move& move) {
  float* means = room.data();
  rows.gradient = means;
  const std::size_t most = rows_for(kMeanElements, rows.cols);
  for (std::size_t begin = piece.rows.begin; begin < piece.rows.end; begin += most) {
    rows.count = std::min(most, piece.rows.end - begin);
    rows.first_row = begin;
    if (piece.table == kDense) {
      const auto* sums = gradient.dense.data() + layout_[piece.block].dense_offset;
      Sum::to_mean(sums + begin * rows.cols, rows.count * rows.cols, scale, means);
    } else if (moves_all(piece.block, which)) {
      mean_of_all_rows<Sum>(gradient.tables[piece.table], rows, scale, means);
    } else {
      const auto& table = gradient.tables[piece.table];
      rows.rows = table.rows.data() + begin;
      if (is_shared_) prefetch(piece.block, rows);
      means_of<Sum>(table, begin, rows.count, scale, means);
    }
    move(piece, rows, means);
  }
}

template class ParameterUpdate<math::ExactSum>;
template class ParameterUpdate<math::FloatSum>;

}  // namespace nnrec::train
