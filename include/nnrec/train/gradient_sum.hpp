#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nnrec/base/wide_sum.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/batch_plan.hpp"
#include "nnrec/train/projected_tables.hpp"
#include "nnrec/train/station.hpp"
#include "nnrec/train/sum_grid.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// What a step learns besides gradients; sums over the global batch once exchanged.
struct StepScalars {
  WideSum squared_error;  ///< of LossFixed
  std::int64_t rows = 0;
  std::int64_t not_finite = 0;  ///< tiles whose loss or gradients were not finite or out of range
  std::int64_t stop = 0;        ///< ranks that were asked to stop
  std::int64_t save = 0;        ///< ranks that want a checkpoint after this step

  StepScalars& operator+=(const StepScalars& more) {
    squared_error += more.squared_error;
    rows += more.rows;
    not_finite += more.not_finite;
    stop += more.stop;
    save += more.save;
    return *this;
  }

  /// As the end of an exchanged buffer holds them: sums of the parts' are those of the whole.
  static constexpr std::size_t kWords = WideSum::kWords + 4;
  std::array<std::int64_t, kWords> words() const;
  static StepScalars from_words(std::span<const std::int64_t, kWords> words);
};

/// The summed gradient of a batch in one compact buffer of the node:
///     [dense blocks | scalars | what tells the next grids | touched rows of table 1 | ...]
/// Each rank computes its tiles, then sums its share of the buffer over all tiles of the node. What
/// a rating gives to a row that only a dot reads (TableUse::dot) is made while it is added up.
/// Where rows are projected a row holds what is summed for it (TableUse::sum_cols), from which
/// unproject() makes its gradient; the dense blocks are summed after that. Where there is one node
/// these rows are summed just before that, and leave no trace in the buffer. Sum is math::ExactSum
/// (the product) or math::FloatSum (to measure what exactness costs). Memory is reserved once for
/// the largest batch; a step allocates nothing.
template <typename Sum>
class GradientSum {
 public:
  using Element = typename Sum::Element;

  struct Shape {
    std::size_t batch_rows;   ///< of the largest global batch
    std::size_t batches = 1;  ///< whose sums are added before they are used: together they must fit
    /// The grids (sum_grid.hpp) of the next batch, by table, as their owner changes them; none: the
    /// sums are as fine as they can be.
    std::span<const std::int64_t> grids{};
    /// Leaves of looked-up rows that are not projected the batch's means, half of the memory:
    /// where nothing else than a step of this batch alone needs their sums, on one node.
    bool row_means = false;
  };
  /// Collective. The arguments outlive it.
  GradientSum(const models::Network& network, const math::ThreadTeam& team, const Shape& shape,
              comm::Communicator& ranks)
      : GradientSum(network, team, shape, ranks, Station::of(ranks)) {}
  /// For a station of one's own choice, with memory from `ranks`.
  GradientSum(const models::Network& network, const math::ThreadTeam& team, const Shape& shape,
              comm::Communicator& ranks, const Station& station);

  bool is_projected() const noexcept { return !projected_.empty(); }
  /// Where rows are projected, this rank's share of what tiles read, before compute() and a
  /// node_barrier.
  void project(const nn::ParameterSet& parameters, const BatchPlan& plan) {
    projected_.project(parameters, plan);
  }
  /// Computes this rank's tiles of the plan. `meanwhile`, where given, runs once on one of the
  /// threads while the others compute. Returns this rank's scalars.
  StepScalars compute(const nn::ParameterSet& parameters, const BatchPlan& plan,
                      const nn::DropoutNoise& dropout, const std::function<void()>& meanwhile);
  /// The same with Network::probe in place of its gradient.
  StepScalars compute_probe(const nn::ParameterSet& parameters, const BatchPlan& plan,
                            const CounterRandom& signs);
  /// Once all ranks of the node have computed (node_barrier): sums this rank's share into the
  /// buffer (overwrites); of the rows only where rows are projected, and of these none where there
  /// is one node. Returns how many pieces were not finite, or did not fit.
  std::int64_t sum(const nn::ParameterSet& parameters, const BatchPlan& plan);
  // Where rows are projected, once the sums of the rows that the node keeps are whole (where there
  // is one node: once all its ranks have computed):
  /// This rank's share of the rows' gradients and of the weights' that met them. Returns as sum().
  std::int64_t unproject(const nn::ParameterSet& parameters, const BatchPlan& plan);
  /// After a node_barrier, this rank's share of the dense blocks.
  void sum_dense();

  /// All of these in turn, where a node of one rank keeps all rows.
  StepScalars whole(const nn::ParameterSet& parameters, const BatchPlan& plan,
                    const nn::DropoutNoise& dropout, const std::function<void()>& meanwhile);

  // Of this plan's buffer, which is the node's, and whole once all its ranks have summed
  // (node_barrier); it has rows where there are no row_means:
  std::span<Element> buffer(const BatchPlan& plan);
  /// Dense blocks and room for the scalars and for what tells the next grids.
  std::span<Element> dense_and_scalars() { return buffer_.first(rows_begin()); }
  std::span<Element, StepScalars::kWords> scalars() {
    return buffer_.subspan(network_.layout().dense_size()).template first<StepScalars::kWords>();
  }
  std::span<Element, kGridWords> grid_words(std::size_t table) {
    return buffer_.subspan(grids_begin() + table * kGridWords).template first<kGridWords>();
  }
  /// Of a table's rows: they are multiples of 2^shift units.
  unsigned shift(std::size_t table) const {
    return grids_.empty() ? 0 : static_cast<unsigned>(grids_[table]);
  }
  /// The largest |value| that this rank's pieces of the batch's sums added for a table's rows.
  float largest_addend(std::size_t table) const;
  /// (touched rows, TableUse::sum_cols()) of a table.
  std::span<Element> rows(const BatchPlan& plan, std::size_t table);
  /// Elements that must cross: dense parameters without padding, and touched rows.
  std::size_t needed_dense_elements() const;
  std::size_t needed_row_elements(const BatchPlan& plan) const {
    return elements_before(plan, plan.tables.size());
  }

  /// What the buffer holds of the gradients of dense blocks and of the rows that the node keeps;
  /// valid until the next plan.
  const SummedGradient<Element>& gradient(const BatchPlan& plan);

 private:
  struct Thread {
    models::Network::Workspace workspace;
    std::span<Element> dense;
    StepScalars scalars;
    bool is_prepared = false;               ///< the workspace, for this batch's parameters
    math::AlignedVector<Element> row_sums;  ///< of rows that are unprojected, or become means
    std::vector<float> largest;             ///< addend, by table
    std::vector<nn::ProjectedRows> projected;
  };
  /// A piece of work on the touched rows of one table.
  struct RowPiece {
    std::size_t table;
    Range slots;
    Element* sums;           ///< (slots, TableUse::sum_cols())
    float* means = nullptr;  ///< the same; if any, and sums are a thread's own
  };
  std::size_t grids_begin() const { return network_.layout().dense_size() + StepScalars::kWords; }
  std::size_t rows_begin() const { return grids_begin() + grids_.size() * kGridWords; }
  /// Elements of the touched rows of a table, and of all tables before it.
  std::size_t row_elements(const BatchPlan& plan, std::size_t table) const {
    return plan.tables[table].rows.size() * network_.tables()[table].sum_cols();
  }
  std::size_t elements_before(const BatchPlan& plan, std::size_t table) const;
  /// Runs a tile, whose gradients it leaves as Network::gradient does, and returns its error.
  using RunTile = std::function<double(const models::Tile& tile, Thread& thread)>;
  StepScalars compute_tiles(const nn::ParameterSet& parameters, const BatchPlan& plan,
                            const std::function<void()>& meanwhile, const RunTile& run);
  void compute_tile(const nn::ParameterSet& parameters, const BatchPlan& plan, std::size_t tile,
                    const RunTile& run, Thread& thread);
  bool add_dense(Thread& thread, std::size_t tiles) const;
  void cut_dense_pieces(std::size_t& number);
  void cut_row_pieces(const BatchPlan& plan, std::size_t& number);
  bool sum_rows(const nn::ParameterSet& parameters, const BatchPlan& plan, const RowPiece& piece,
                Thread& thread);
  bool sum_to_means(const nn::ParameterSet& parameters, const BatchPlan& plan, RowPiece piece,
                    Thread& thread);
  bool sum_columns(const BatchPlan& plan, const RowPiece& piece, const math::RowGroups& of,
                   Range columns, Thread& thread);
  math::RowGroups gradients_at(const nn::LeafPlace& place) const;
  math::RowGroups dot_gradients(const nn::ParameterSet& parameters, const BatchPlan& plan,
                                const models::RowDot& dot) const;
  void sum_dense(Range elements);

  const models::Network& network_;
  const math::ThreadTeam& team_;
  Station station_;
  std::span<Element> dense_;  ///< of all threads of the node: (thread, dense size)
  std::span<Element> buffer_;
  std::span<float> means_;  ///< in place of the buffer's rows, if any
  nn::LeafGradients leaves_;
  ProjectedTables<Sum> projected_;
  std::vector<Thread> threads_;
  std::vector<std::span<Element>> thread_dense_;  ///< of this rank's threads
  std::vector<Range> dense_pieces_;               ///< this rank's
  std::vector<RowPiece> row_pieces_;
  std::size_t batches_;
  std::span<const std::int64_t> grids_;
  bool is_one_node_;
  SummedGradient<Element> gradient_;
};

extern template class GradientSum<math::ExactSum>;
extern template class GradientSum<math::FloatSum>;

}  // namespace nnrec::train
