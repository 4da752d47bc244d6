#include "nnrec/train/gradient_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "nnrec/base/fixed_point.hpp"

namespace nnrec::train {
namespace {

/// Touched rows and dense elements that one piece of work covers: enough to be worth a hand-over,
/// few enough to share a small model out to many ranks.
constexpr std::size_t kPieceRows = 64;
constexpr std::size_t kPieceElements = 1024;

/// The most threads of any rank of any node: places in node memory are laid out alike.
std::size_t most_threads(comm::Communicator& ranks, const math::ThreadTeam& team) {
  std::array<std::int64_t, 1> threads{team.size()};
  ranks.maximum(threads);
  return static_cast<std::size_t>(threads[0]);
}

/// Rows of a batch that a node's ranks receive at most.
std::size_t most_node_rows(const Station& station, std::size_t batch_rows) {
  return station.most_node_tiles(models::tile_count(batch_rows)) * models::kTileRows;
}

/// Most elements of rows that a plan of this network can need: a row a lookup at most, and no more
/// than there are.
std::size_t most_row_elements(const models::Network& network, std::size_t batch_rows) {
  std::size_t elements = 0;
  for (const models::TableUse& use : network.tables()) {
    elements += most_touched_rows(network, use, batch_rows) * use.sum_cols();
  }
  return elements;
}

}  // namespace

std::array<std::int64_t, StepScalars::kWords> StepScalars::words() const {
  const auto loss = squared_error.words();
  return {loss[0], loss[1], loss[2], rows, not_finite, stop, save};
}

StepScalars StepScalars::from_words(std::span<const std::int64_t, kWords> words) {
  return {WideSum({words[0], words[1], words[2]}), words[3], words[4], words[5], words[6]};
}

template <typename Sum>
GradientSum<Sum>::GradientSum(const models::Network& network, const math::ThreadTeam& team,
                              const Shape& shape, comm::Communicator& ranks, const Station& station)
    : network_(network),
      team_(team),
      station_(station),
      buffer_(node_array<Element>(
          ranks, network.layout().dense_size() + StepScalars::kWords +
                     shape.grids.size() * kGridWords +
                     (shape.row_means ? 0 : most_row_elements(network, shape.batch_rows)))),
      means_(node_array<float>(ranks,
                               shape.row_means ? most_row_elements(network, shape.batch_rows) : 0)),
      leaves_(
          network.graph(), most_node_rows(station, shape.batch_rows), network.form(),
          node_array<float>(ranks, nn::LeafGradients::floats(
                                       network.graph(), most_node_rows(station, shape.batch_rows),
                                       network.form()))),
      projected_(network, team, shape.batch_rows, shape.batches, ranks, station),
      batches_(shape.batches),
      grids_(shape.grids),
      is_one_node_(ranks.node_count() == 1) {
  std::size_t room = 0;  // for sums that become something else where they are made
  for (const std::size_t table : network.projected_tables()) {
    room = std::max(room, ProjectedTables<Sum>::kAskedRows * network.tables()[table].sum_cols());
  }
  if (shape.row_means) {
    for (const models::TableUse& use : network.tables())
      room = std::max(room, kPieceRows * use.sum_cols());
  }
  const std::size_t places = most_threads(ranks, team);
  const std::size_t size = network.layout().dense_size();
  dense_ = node_array<Element>(ranks, static_cast<std::size_t>(station.node_size) * places * size);
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
    const std::size_t place = static_cast<std::size_t>(station.node_rank) * places + thread;
    threads_[thread].workspace = network.make_workspace();
    threads_[thread].dense = dense_.subspan(place * size, size);
    threads_[thread].row_sums.resize(room);
    threads_[thread].largest.resize(network.tables().size());
    thread_dense_.push_back(threads_[thread].dense);
  }
}

template <typename Sum>
void GradientSum<Sum>::compute_tile(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                    std::size_t tile, const RunTile& run, Thread& thread) {
  if (!std::exchange(thread.is_prepared, true)) {
    network_.prepare(parameters, network_.form(), thread.workspace);
  }
  models::Tile rows{&plan.batch, tile * models::kTileRows, 0, 0, nullptr};
  projected_.attach(plan, rows.first_row, thread.projected);
  rows.form = network_.form();
  rows.projected = thread.projected;
  rows.rows = std::min(models::kTileRows, plan.batch.rows - rows.first_row);
  rows.first_position = plan.first_position + rows.first_row;
  const double squared_error = run(rows, thread);

  const bool loss_fits = squared_error < LossFixed::kSumLimit;  // false for a NaN
  if (!loss_fits || !add_dense(thread, models::tile_count(plan.batch.rows))) {
    ++thread.scalars.not_finite;
    return;
  }
  thread.scalars.squared_error += LossFixed::from(squared_error);
  thread.scalars.rows += static_cast<std::int64_t>(rows.rows);
}

template <typename Sum>
bool GradientSum<Sum>::add_dense(Thread& thread, std::size_t tiles) const {
  const auto limit = static_cast<float>(GradientFixed::contribution_limit(tiles * batches_));
  bool all_fit = true;
  for (const Range part : projected_.tile_elements()) {
    all_fit &= Sum::add(thread.dense.data() + part.begin,
                        thread.workspace.dense.data() + part.begin, part.size(), limit);
  }
  return all_fit;
}

template <typename Sum>
StepScalars GradientSum<Sum>::compute(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                      const nn::DropoutNoise& dropout,
                                      const std::function<void()>& meanwhile) {
  return compute_tiles(parameters, plan, meanwhile, [&](const models::Tile& tile, Thread& thread) {
    models::Tile with_dropout = tile;
    with_dropout.dropout = &dropout;
    return network_.gradient(parameters, with_dropout, thread.workspace, leaves_);
  });
}

template <typename Sum>
StepScalars GradientSum<Sum>::compute_probe(const nn::ParameterSet& parameters,
                                            const BatchPlan& plan, const CounterRandom& signs) {
  return compute_tiles(parameters, plan, {}, [&](const models::Tile& tile, Thread& thread) {
    network_.probe(parameters, tile, signs, thread.workspace, leaves_);
    return 0.0;
  });
}

template <typename Sum>
StepScalars GradientSum<Sum>::compute_tiles(const nn::ParameterSet& parameters,
                                            const BatchPlan& plan,
                                            const std::function<void()>& meanwhile,
                                            const RunTile& run) {
  for (Thread& thread : threads_) {
    std::ranges::fill(thread.dense, Element{0});
    thread.scalars = {};
    thread.is_prepared = false;
    std::ranges::fill(thread.largest, 0.0F);
  }
  leaves_.begin_at(plan.node_tiles.begin * models::kTileRows);
  const std::size_t extra = meanwhile ? 1 : 0;
  team_.for_each(extra + plan.tiles.size(), [&](std::size_t piece, std::size_t thread) {
    if (piece < extra) return meanwhile();
    compute_tile(parameters, plan, plan.tiles.begin + piece - extra, run, threads_[thread]);
  });
  StepScalars sum;
  for (const Thread& thread : threads_) sum += thread.scalars;
  return sum;
}

template <typename Sum>
std::int64_t GradientSum<Sum>::sum(const nn::ParameterSet& parameters, const BatchPlan& plan) {
  dense_pieces_.clear();
  std::size_t number = 0;
  if (!is_projected()) cut_dense_pieces(number);
  cut_row_pieces(plan, number);
  for (Thread& thread : threads_) thread.scalars.not_finite = 0;
  const std::size_t dense_pieces = dense_pieces_.size();
  team_.for_each(dense_pieces + row_pieces_.size(), [&](std::size_t piece, std::size_t thread) {
    if (piece < dense_pieces) return sum_dense(dense_pieces_[piece]);
    const RowPiece& rows = row_pieces_[piece - dense_pieces];
    Thread& own = threads_[thread];
    const bool fits = means_.empty() ? sum_rows(parameters, plan, rows, own)
                                     : sum_to_means(parameters, plan, rows, own);
    if (!fits) ++own.scalars.not_finite;
  });
  std::int64_t not_finite = 0;
  for (const Thread& thread : threads_) not_finite += thread.scalars.not_finite;
  return not_finite;
}

template <typename Sum>
std::int64_t GradientSum<Sum>::unproject(const nn::ParameterSet& parameters,
                                         const BatchPlan& plan) {
  const typename ProjectedTables<Sum>::RowSums sums = [&](std::size_t table, Range slots,
                                                          std::size_t thread) -> const Element* {
    if (!is_one_node_) {
      return rows(plan, table).data() + slots.begin * network_.tables()[table].sum_cols();
    }
    Thread& own = threads_[thread];
    Element* room = own.row_sums.data();
    return sum_rows(parameters, plan, {table, slots, room}, own) ? room : nullptr;
  };
  return projected_.unproject({parameters, plan, sums, thread_dense_});
}

template <typename Sum>
void GradientSum<Sum>::sum_dense() {
  dense_pieces_.clear();
  std::size_t number = 0;
  cut_dense_pieces(number);
  team_.for_each(dense_pieces_.size(),
                 [&](std::size_t piece, std::size_t) { sum_dense(dense_pieces_[piece]); });
}

template <typename Sum>
StepScalars GradientSum<Sum>::whole(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                    const nn::DropoutNoise& dropout,
                                    const std::function<void()>& meanwhile) {
  project(parameters, plan);
  StepScalars scalars = compute(parameters, plan, dropout, meanwhile);
  scalars.not_finite += sum(parameters, plan);
  if (is_projected()) {
    scalars.not_finite += unproject(parameters, plan);
    sum_dense();
  }
  return scalars;
}

/// This rank's of the node's pieces, which `number` counts.
template <typename Sum>
void GradientSum<Sum>::cut_dense_pieces(std::size_t& number) {
  station_.for_own_pieces(network_.layout().dense_size(), kPieceElements, number,
                          [&](Range elements) { dense_pieces_.push_back(elements); });
}

/// Rows that unproject() sums are not among them.
template <typename Sum>
void GradientSum<Sum>::cut_row_pieces(const BatchPlan& plan, std::size_t& number) {
  row_pieces_.clear();
  for (std::size_t table = 0; table < plan.tables.size(); ++table) {
    const models::TableUse& use = network_.tables()[table];
    if (is_one_node_ && use.projection) continue;
    const std::size_t first = elements_before(plan, table);
    station_.for_own_pieces(plan.tables[table].rows.size(), kPieceRows, number, [&](Range slots) {
      const std::size_t begin = first + slots.begin * use.sum_cols();
      if (means_.empty()) {
        row_pieces_.push_back({table, slots, buffer_.data() + rows_begin() + begin});
      } else {
        row_pieces_.push_back({table, slots, nullptr, means_.data() + begin});
      }
    });
  }
}

template <typename Sum>
void GradientSum<Sum>::sum_dense(Range elements) {
  const std::size_t size = network_.layout().dense_size();
  for (std::size_t i = elements.begin; i < elements.end; ++i) buffer_[i] = dense_[i];
  for (std::size_t first = size; first < dense_.size(); first += size) {
    const Element* part = dense_.data() + first;
    for (std::size_t i = elements.begin; i < elements.end; ++i) buffer_[i] += part[i];
  }
}

template <typename Sum>
bool GradientSum<Sum>::sum_rows(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                const RowPiece& piece, Thread& thread) {
  const models::TableUse& use = network_.tables()[piece.table];
  const Range own{0, use.own_cols()};
  bool all_fit = true;
  if (use.dot) {
    all_fit &= sum_columns(plan, piece, dot_gradients(parameters, plan, *use.dot), own, thread);
  } else if (own.size() > 0) {
    all_fit &= sum_columns(plan, piece, gradients_at(use.leaf), own, thread);
  }
  if (use.projection) {
    all_fit &= sum_columns(plan, piece, gradients_at(use.projection->leaf),
                           {own.end, use.sum_cols()}, thread);
  }
  return all_fit;
}

/// While they are in the first cache; by the scale that Trainer::mean_scale has for such a step.
template <typename Sum>
bool GradientSum<Sum>::sum_to_means(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                    RowPiece piece, Thread& thread) {
  piece.sums = thread.row_sums.data();
  if (!sum_rows(parameters, plan, piece, thread)) return false;
  Sum::to_mean(piece.sums, piece.slots.size() * network_.tables()[piece.table].sum_cols(),
               1.0 / static_cast<double>(plan.batch.rows), piece.means);
  return true;
}

/// What the node's batch rows left there.
template <typename Sum>
math::RowGroups GradientSum<Sum>::gradients_at(const nn::LeafPlace& place) const {
  const std::size_t first_row = leaves_.first_row();
  return {.values = {leaves_.at(place, first_row), leaves_.stride(place)}, .first_row = first_row};
}

/// dy times the rows of the dot's other table that the node's batch rows look up.
template <typename Sum>
math::RowGroups GradientSum<Sum>::dot_gradients(const nn::ParameterSet& parameters,
                                                const BatchPlan& plan,
                                                const models::RowDot& dot) const {
  const std::size_t first_row = leaves_.first_row();
  const math::ConstMatrix other = parameters.matrix(network_.tables()[dot.other].block);
  return {.values = {other.data, other.stride, plan.tables[dot.other].node_ids.data()},
          .first_row = first_row,
          .factors = leaves_.at(dot.leaf, first_row),
          .factor_stride = leaves_.stride(dot.leaf)};
}

/// Into `columns` of the sums of the piece's rows.
template <typename Sum>
bool GradientSum<Sum>::sum_columns(const BatchPlan& plan, const RowPiece& piece,
                                   const math::RowGroups& of, Range columns, Thread& thread) {
  const TouchedRows& touched = plan.tables[piece.table];
  const std::size_t stride = network_.tables()[piece.table].sum_cols();
  // A row's own gradient is added to what its projection gives.
  const std::size_t addends = (stride > columns.size() ? 2 : 1) * touched.lookups * batches_;
  math::RowGroups groups = of;
  groups.rows = touched.batch_rows.data();
  groups.offsets = touched.offsets.subspan(piece.slots.begin, piece.slots.size() + 1);
  const std::optional<float> largest =
      Sum::sum_rows(groups, static_cast<float>(GradientFixed::contribution_limit(addends)),
                    {piece.sums + columns.begin, stride, columns.size(), shift(piece.table)});
  if (!largest) return false;
  thread.largest[piece.table] = std::max(thread.largest[piece.table], *largest);
  return true;
}

template <typename Sum>
float GradientSum<Sum>::largest_addend(std::size_t table) const {
  float largest = 0;
  for (const Thread& thread : threads_) largest = std::max(largest, thread.largest[table]);
  return largest;
}

template <typename Sum>
std::span<typename GradientSum<Sum>::Element> GradientSum<Sum>::buffer(const BatchPlan& plan) {
  return buffer_.first(rows_begin() + needed_row_elements(plan));
}

template <typename Sum>
std::span<typename GradientSum<Sum>::Element> GradientSum<Sum>::rows(const BatchPlan& plan,
                                                                     std::size_t table) {
  return buffer_.subspan(rows_begin() + elements_before(plan, table), row_elements(plan, table));
}

template <typename Sum>
std::size_t GradientSum<Sum>::needed_dense_elements() const {
  std::size_t elements = 0;
  for (const nn::Block& block : network_.layout().blocks()) {
    if (block.kind == nn::BlockKind::dense) elements += block.size();
  }
  return elements;
}

template <typename Sum>
std::size_t GradientSum<Sum>::elements_before(const BatchPlan& plan, std::size_t table) const {
  std::size_t elements = 0;
  for (std::size_t before = 0; before < table; ++before) elements += row_elements(plan, before);
  return elements;
}

template <typename Sum>
const SummedGradient<typename GradientSum<Sum>::Element>& GradientSum<Sum>::gradient(
    const BatchPlan& plan) {
  gradient_.dense = {buffer_.data(), network_.layout().dense_size()};
  gradient_.tables.resize(plan.tables.size());
  for (std::size_t table = 0; table < plan.tables.size(); ++table) {
    const models::TableUse& use = network_.tables()[table];
    const Range own = plan.tables[table].slots_of(station_.owners.node());
    auto& rows_of = gradient_.tables[table] = {
        use.block, use.leaf.cols, plan.tables[table].rows.subspan(own.begin, own.size())};
    if (use.projection) {
      rows_of.sums = projected_.gradient(plan, table).data();
    } else if (means_.empty()) {
      rows_of.sums = rows(plan, table).data() + own.begin * use.leaf.cols;
    } else {
      rows_of.means = means_.data() + elements_before(plan, table);
    }
  }
  return gradient_;
}

template class GradientSum<math::ExactSum>;
template class GradientSum<math::FloatSum>;

}  // namespace nnrec::train
