#include "nnrec/train/projected_tables.hpp"

#include <algorithm>
#include <bit>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::train {
namespace {

constexpr std::size_t kPieceRows = ProjectedTables<math::ExactSum>::kPieceRows;
/// Longer runs would leave too few to share out.
constexpr std::size_t kMostRunRows = 1024;

}  // namespace

std::size_t run_rows(const models::Network& network, const models::TableUse& use,
                     std::size_t batch_rows) {
  if (!use.projection) return Owners::kLeastRunRows;
  const std::size_t rows = network.layout()[use.block].rows;
  const std::size_t looked_up = std::max<std::size_t>(1, std::min(rows, batch_rows));
  return std::min(kMostRunRows, kPieceRows * std::bit_ceil((rows + looked_up - 1) / looked_up));
}

std::size_t most_run_rows(const models::Network& network, std::size_t batch_rows) {
  std::size_t most = Owners::kLeastRunRows;
  for (const models::TableUse& use : network.tables()) {
    most = std::max(most, run_rows(network, use, batch_rows));
  }
  return most;
}

template <typename Sum>
ProjectedTables<Sum>::ProjectedTables(const models::Network& network, const math::ThreadTeam& team,
                                      std::size_t batch_rows, std::size_t batches,
                                      comm::Communicator& ranks, const Station& station)
    : network_(network), team_(team), batches_(batches), station_(station) {
  weight_shares_ = {static_cast<std::size_t>(ranks.node()),
                    static_cast<std::size_t>(ranks.node_count())};
  std::size_t most_dim = 0;
  std::size_t most_units = 0;
  for (const std::size_t table : network.projected_tables()) {
    const models::TableUse& use = network.tables()[table];
    const nn::Block& block = network.layout()[use.block];
    const std::size_t slots = most_touched_rows(network, use, batch_rows);
    const std::size_t units = use.projection->leaf.cols;
    const nn::Block& weight = network.layout()[use.projection->weight];
    projections_.push_back(
        {.table = table,
         .columns = {use.own_cols(), use.sum_cols()},
         .first_dense = weight.dense_offset + use.projection->first_row * weight.cols,
         .run_rows = run_rows(network, use, batch_rows),
         .rows = node_array<float>(ranks, slots * units),
         .transposed = node_array<float>(ranks, units * block.cols),
         .gradient = node_array<Element>(ranks, slots * block.cols)});
    most_dim = std::max(most_dim, block.cols);
    most_units = std::max(most_units, units);
  }
  find_tile_elements();
  if (empty()) return;
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (Thread& thread : threads_) {
    thread.rows.resize(kPieceRows * most_dim);
    thread.sums.resize(kPieceRows * most_units);
    thread.gradients.resize(kPieceRows * most_dim);
    thread.weights.resize(most_dim * most_units);
  }
}

/// All but the weights that meet projected rows.
template <typename Sum>
void ProjectedTables<Sum>::find_tile_elements() {
  std::vector<Range> taken;
  for (const Projected& of : projections_) {
    taken.push_back({of.first_dense, of.first_dense + dim(of) * units(of)});
  }
  std::ranges::sort(taken, {}, &Range::begin);
  taken.push_back({network_.layout().dense_size(), 0});
  std::size_t end = 0;
  for (const Range range : taken) {
    if (range.begin > end) tile_elements_.push_back({end, range.begin});
    end = range.end;
  }
}

template <typename Sum>
math::ConstMatrix ProjectedTables<Sum>::weights(const nn::ParameterSet& parameters,
                                                const Projected& of) const {
  const models::Projection& projection = *use(of).projection;
  const math::ConstMatrix all = parameters.matrix(projection.weight);
  return {all.row(projection.first_row), dim(of), all.cols, all.stride};
}

/// The piece's rows of the table, one below the other.
template <typename Sum>
math::Matrix ProjectedTables<Sum>::gather(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                          const Piece& piece, Thread& thread) const {
  const Projected& of = projections_[piece.projection];
  const math::ConstMatrix table = parameters.matrix(use(of).block);
  const auto rows = plan.tables[of.table].rows;
  const math::Matrix x{thread.rows.data(), piece.slots.size(), table.cols, table.cols};
  for (std::size_t i = 0; i < x.rows; ++i) {
    std::copy_n(table.row(rows[piece.slots.begin + i]), x.cols, x.row(i));
  }
  return x;
}

template <typename Sum>
void ProjectedTables<Sum>::project(const nn::ParameterSet& parameters, const BatchPlan& plan) {
  pieces_.clear();
  std::size_t number = 0;
  for (std::size_t p = 0; p < projections_.size(); ++p) {
    const std::size_t slots = plan.tables[projections_[p].table].rows.size();
    station_.for_own_pieces(slots, kPieceRows, number, [&](Range piece) {
      pieces_.push_back({p, piece});
    });
  }
  team_.for_each(pieces_.size(), [&](std::size_t index, std::size_t thread) {
    const Piece& piece = pieces_[index];
    const Projected& of = projections_[piece.projection];
    const math::ConstMatrix w = weights(parameters, of);
    if (piece.slots.begin == 0) {
      math::transpose(w, {of.transposed.data(), w.cols, w.rows, w.rows});
    }
    math::product(
        gather(parameters, plan, piece, threads_[thread]), w,
        {of.rows.data() + piece.slots.begin * w.cols, piece.slots.size(), w.cols, w.cols});
  });
}

template <typename Sum>
void ProjectedTables<Sum>::attach(const BatchPlan& plan, std::size_t first_row,
                                  std::vector<nn::ProjectedRows>& projected) const {
  projected.resize(projections_.size());
  for (std::size_t p = 0; p < projections_.size(); ++p) {
    const Projected& of = projections_[p];
    const std::uint32_t* slots = plan.tables[of.table].own_slots.data();
    // Slots of a bag lie as its values do, which a bag's offsets count from the rank's first row.
    const bool is_bag = std::holds_alternative<features::BagColumn>(use(of).column);
    projected[p] = {of.rows.data(), is_bag ? slots : slots + (first_row - plan.own.begin)};
  }
}

/// This rank's pieces of the kept rows: runs, in parts of kPieceRows.
template <typename Sum>
void ProjectedTables<Sum>::cut_runs(const BatchPlan& plan) {
  pieces_.clear();
  std::size_t number = 0;
  for (std::size_t p = 0; p < projections_.size(); ++p) {
    const TouchedRows& touched = plan.tables[projections_[p].table];
    const std::size_t run = projections_[p].run_rows;
    const Range kept = touched.slots_of(station_.owners.node());
    for (std::size_t begin = kept.begin; begin < kept.end;) {
      const std::size_t most = std::min(kept.end, begin + kPieceRows);
      const auto rows = touched.rows.subspan(begin, most - begin);
      const auto next_run = static_cast<std::uint32_t>(rows[0] / run * run + run);
      const auto end = std::ranges::lower_bound(rows, next_run) - rows.begin();
      const Range slots{begin, begin + static_cast<std::size_t>(end)};
      if (station_.has(number++)) pieces_.push_back({p, slots});
      begin = slots.end;
    }
  }
}

/// Where each node keeps all rows, what runs give to the weights is shared out.
template <typename Sum>
bool ProjectedTables<Sum>::has_weight_share(const BatchPlan& plan, const Piece& piece) const {
  if (station_.owners.count() > 1) return true;
  const Projected& of = projections_[piece.projection];
  const std::size_t run = plan.tables[of.table].rows[piece.slots.begin] / of.run_rows;
  return run % weight_shares_.end == weight_shares_.begin;
}

template <typename Sum>
std::int64_t ProjectedTables<Sum>::unproject(const Step& step) {
  cut_runs(step.plan);
  std::vector<std::int64_t> not_finite(threads_.size(), 0);
  team_.for_each(pieces_.size(), [&](std::size_t index, std::size_t thread) {
    if (!unproject_piece(step, pieces_[index], thread)) ++not_finite[thread];
  });
  std::int64_t sum = 0;
  for (const std::int64_t count : not_finite) sum += count;
  return sum;
}

template <typename Sum>
bool ProjectedTables<Sum>::unproject_piece(const Step& step, const Piece& piece,
                                           std::size_t thread) {
  const Projected& of = projections_[piece.projection];
  Thread& room = threads_[thread];
  const std::size_t rows = piece.slots.size();
  const math::Matrix sums{room.sums.data(), rows, units(of), units(of)};
  const std::size_t kept = step.plan.tables[of.table].slots_of(station_.owners.node()).begin;
  Element* const gradient = of.gradient.data() + (piece.slots.begin - kept) * dim(of);
  if (!take_sums(step, piece, thread, sums, gradient)) return false;
  const math::Matrix gradients{room.gradients.data(), rows, dim(of), dim(of)};
  math::product(sums, {of.transposed.data(), units(of), dim(of), dim(of)}, gradients);
  bool all_fit = Sum::add(gradient, gradients.data, rows * dim(of),
                          static_cast<float>(GradientFixed::contribution_limit(2 * batches_)));
  if (has_weight_share(step.plan, piece)) {
    const math::Matrix w{room.weights.data(), dim(of), units(of), units(of)};
    math::transposed_product(gather(step.parameters, step.plan, piece, room), sums, w);
    all_fit &= Sum::add(step.dense[thread].data() + of.first_dense, w.data, w.rows * w.cols,
                        limit_of_weights(step.plan, of));
  }
  return all_fit;
}

/// Those of the layer as floats, and what other uses of a row have given it as the beginning of its
/// gradient; a few rows at a time, which stay in the first cache.
template <typename Sum>
bool ProjectedTables<Sum>::take_sums(const Step& step, const Piece& piece, std::size_t thread,
                                     math::Matrix sums, Element* gradient) const {
  const Projected& of = projections_[piece.projection];
  const std::size_t cols = use(of).sum_cols();
  const std::size_t own = of.columns.begin;
  for (std::size_t first = 0; first < sums.rows; first += kAskedRows) {
    const std::size_t begin = piece.slots.begin + first;
    const Range slots{begin, std::min(begin + kAskedRows, piece.slots.end)};
    const Element* from = step.sums(of.table, slots, thread);
    if (from == nullptr) return false;
    if (own == 0) {
      Sum::to_mean(from, slots.size() * cols, 1.0, sums.row(first));
      std::fill_n(gradient + first * dim(of), slots.size() * dim(of), Element{0});
      continue;
    }
    for (std::size_t i = first; i < first + slots.size(); ++i, from += cols) {
      Sum::to_mean(from + own, sums.cols, 1.0, sums.row(i));
      std::copy_n(from, own, gradient + i * dim(of));
    }
  }
  return true;
}

/// No plan has more pieces of a table than this counts with: all runs, each with one that is not
/// full, and the full ones.
template <typename Sum>
float ProjectedTables<Sum>::limit_of_weights(const BatchPlan& plan, const Projected& of) const {
  const std::size_t rows = network_.layout()[use(of).block].rows;
  const std::size_t pieces = rows / of.run_rows + 1 + plan.tables[of.table].lookups / kPieceRows;
  return static_cast<float>(GradientFixed::contribution_limit(pieces * batches_));
}

template <typename Sum>
std::span<const typename ProjectedTables<Sum>::Element> ProjectedTables<Sum>::gradient(
    const BatchPlan& plan, std::size_t table) const {
  const auto of = std::ranges::find(projections_, table, &Projected::table);
  const std::size_t kept = plan.tables[table].slots_of(station_.owners.node()).size();
  return of->gradient.first(kept * dim(*of));
}

template class ProjectedTables<math::ExactSum>;
template class ProjectedTables<math::FloatSum>;

}  // namespace nnrec::train
