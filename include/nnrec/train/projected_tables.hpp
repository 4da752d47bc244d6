#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/aligned.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/batch_plan.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {

/// Rows of a table, a power of two, that one node keeps as a whole and whose products with a
/// layer's sums may be one float sum: so many that a batch of `batch_rows` rows looks some 64 of
/// them up. It depends on the model and the batch only, as it decides bits.
std::size_t run_rows(const models::Network& network, const models::TableUse& use,
                     std::size_t batch_rows);
/// The longest such run of the network's tables.
std::size_t most_run_rows(const models::Network& network, std::size_t batch_rows);

/// The factored form of a network's first layer (nn::Form) over the rows that a batch looks up:
///     project    rows times weights, before tiles are computed
///     unproject  a row's sum S of the gradients of the layer's sums, over all ratings, gives the
///                row's gradient S w^T, and adds x^T S to the weights' gradient, x the row
/// Arrays are the node's; each of its ranks makes its pieces.
/// Products over several rows are float sums of at most 64 rows of one run, in rising order: the
/// same on any number of nodes, ranks and threads.
template <typename Sum>
class ProjectedTables {
 public:
  using Element = typename Sum::Element;

  /// Collective. For batches of up to `batch_rows` rows; the sums of `batches` are added before
  /// they are used. The referenced objects outlive it.
  ProjectedTables(const models::Network& network, const math::ThreadTeam& team,
                  std::size_t batch_rows, std::size_t batches, comm::Communicator& ranks,
                  const Station& station);

  bool empty() const noexcept { return projections_.empty(); }
  /// Elements of the dense gradient that tiles give, where the rest comes from unproject().
  const std::vector<Range>& tile_elements() const noexcept { return tile_elements_; }

  /// This rank's pieces; once all have made theirs (node_barrier) tiles can be computed.
  void project(const nn::ParameterSet& parameters, const BatchPlan& plan);
  /// What a tile reads whose first row in the batch is `first_row`. By the projections' numbers.
  void attach(const BatchPlan& plan, std::size_t first_row,
              std::vector<nn::ProjectedRows>& projected) const;

  static constexpr std::size_t kPieceRows = 64;
  /// At most so many rows are asked of RowSums at a time.
  static constexpr std::size_t kAskedRows = 16;
  /// Sums of some rows of a table that the node keeps, whole: (slots, TableUse::sum_cols()), valid
  /// until the thread asks again. nullptr: one was not finite, or did not fit.
  using RowSums = std::function<const Element*(std::size_t table, Range slots, std::size_t thread)>;
  /// What a step has summed, and where the weights' gradient goes.
  struct Step {
    const nn::ParameterSet& parameters;  ///< as project() saw them
    const BatchPlan& plan;
    const RowSums& sums;
    std::span<const std::span<Element>> dense;  ///< by thread, added to
  };
  /// This rank's pieces of the rows that the node keeps. Returns how many were not finite, or did
  /// not fit.
  std::int64_t unproject(const Step& step);
  /// (rows that the node keeps, cols) of a table with a projection, once all ranks of the node have
  /// unprojected (node_barrier).
  std::span<const Element> gradient(const BatchPlan& plan, std::size_t table) const;

 private:
  struct Projected {
    std::size_t table;
    Range columns;            ///< of the row's sums that are the projection's
    std::size_t first_dense;  ///< of its weights, in the dense gradient
    std::size_t run_rows;
    std::span<float> rows;        ///< (slots, units)
    std::span<float> transposed;  ///< (units, dim): of its weights
    std::span<Element> gradient;  ///< (slots of kept rows, dim)
  };
  /// Slots of one run of one table.
  struct Piece {
    std::size_t projection;
    Range slots;
  };
  struct Thread {
    math::AlignedVector<float> rows;
    math::AlignedVector<float> sums;
    math::AlignedVector<float> gradients;
    math::AlignedVector<float> weights;
  };

  const models::TableUse& use(const Projected& of) const { return network_.tables()[of.table]; }
  std::size_t dim(const Projected& of) const { return use(of).leaf.cols; }
  std::size_t units(const Projected& of) const { return use(of).projection->leaf.cols; }
  math::ConstMatrix weights(const nn::ParameterSet& parameters, const Projected& of) const;
  math::Matrix gather(const nn::ParameterSet& parameters, const BatchPlan& plan, const Piece& piece,
                      Thread& thread) const;
  void find_tile_elements();
  void cut_runs(const BatchPlan& plan);
  bool has_weight_share(const BatchPlan& plan, const Piece& piece) const;
  bool unproject_piece(const Step& step, const Piece& piece, std::size_t thread);
  bool take_sums(const Step& step, const Piece& piece, std::size_t thread, math::Matrix sums,
                 Element* gradient) const;
  float limit_of_weights(const BatchPlan& plan, const Projected& of) const;

  const models::Network& network_;
  const math::ThreadTeam& team_;
  std::size_t batches_;
  Station station_;
  Range weight_shares_;  ///< this node and all nodes, where each node keeps all rows
  std::vector<Projected> projections_;
  std::vector<Range> tile_elements_;
  std::vector<Piece> pieces_;  ///< this rank's
  std::vector<Thread> threads_;
};

extern template class ProjectedTables<math::ExactSum>;
extern template class ProjectedTables<math::FloatSum>;

}  // namespace nnrec::train
