#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nnrec/math/aligned.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/optimizer.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/batch_plan.hpp"

namespace nnrec::train {

/// What a step learns besides gradients; sums over the global batch once exchanged.
struct StepScalars {
  std::int64_t squared_error = 0;  ///< LossFixed
  std::int64_t rows = 0;
  std::int64_t not_finite = 0;  ///< tiles whose loss or gradients were not finite or out of range
  std::int64_t stop = 0;        ///< ranks that were asked to stop
  std::int64_t save = 0;        ///< ranks that want a checkpoint after this step
};
inline constexpr std::size_t kStepScalars = 5;

/// The summed gradient of a batch in one compact buffer:
///     [dense blocks | touched rows of table 1 | ... | scalars]
/// Sum is math::ExactSum (the product) or math::FloatSum (to measure what exactness costs).
/// Memory is reserved once for the largest batch; a step allocates nothing.
template <typename Sum>
class GradientSum {
 public:
  using Element = typename Sum::Element;

  /// For global batches of at most `batch_rows` rows, whose tiles are shared out to `ranks` ranks.
  /// Not collective. The network outlives it.
  GradientSum(const models::Network& network, const math::ThreadTeam& team, std::size_t batch_rows,
              int ranks = 1);

  /// Sums this rank's tiles of the plan into the buffer (overwrites). `meanwhile`, where given,
  /// runs once on one of the threads while the others compute. Returns this rank's scalars.
  StepScalars compute(const nn::ParameterSet& parameters, const BatchPlan& plan,
                      const nn::DropoutNoise& dropout, const std::function<void()>& meanwhile);

  /// The buffer for this plan, room for the scalars at its end included.
  std::span<Element> buffer(const BatchPlan& plan);
  /// Elements that must cross: dense parameters and touched rows, without padding and scalars.
  std::size_t needed_elements(const BatchPlan& plan) const;

  /// One optimiser update with the mean gradient, sum / rows: dense blocks and touched rows only.
  void apply(const nn::Optimizer& optimizer, double learning_rate, const BatchPlan& plan,
             std::int64_t rows, nn::ParameterSet& parameters,
             std::vector<nn::ParameterSet>& state) const;

 private:
  struct Thread {
    models::Network::Workspace workspace;
    math::AlignedVector<Element> dense;
    StepScalars scalars;
  };
  /// A piece of work on the touched rows of one table.
  struct RowPiece {
    std::size_t table;
    Range slots;
    std::size_t first_element;  ///< of the table's part of the buffer
  };
  void compute_tile(const nn::ParameterSet& parameters, const BatchPlan& plan,
                    const nn::DropoutNoise& dropout, std::size_t tile, Thread& thread);
  bool sum_rows(const BatchPlan& plan, const RowPiece& piece);
  void sum_dense(Range elements);
  void cut_row_pieces(const BatchPlan& plan, std::vector<RowPiece>& pieces) const;

  const models::Network& network_;
  const math::ThreadTeam& team_;
  nn::LeafGradients leaves_;
  std::vector<Thread> threads_;
  std::vector<RowPiece> pieces_;
  math::AlignedVector<Element> buffer_;
};

extern template class GradientSum<math::ExactSum>;
extern template class GradientSum<math::FloatSum>;

}  // namespace nnrec::train
