#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/math/aligned.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/langevin.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/row_penalties.hpp"
#include "nnrec/train/station.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// Moves parameters along a summed gradient, each block by its rule. Not collective: each rank of a
/// node moves its share. Sum is math::ExactSum (the product) or math::FloatSum (benchmarks).
template <typename Sum>
class ParameterUpdate {
 public:
  using Gradient = SummedGradient<typename Sum::Element>;

  /// The rules are those of `layout`; the arguments outlive it.
  ParameterUpdate(const nn::ParameterLayout& layout, const nn::UpdateRules& rules,
                  const math::ThreadTeam& team, RowPenalties penalties = {});

  struct Step {
    double scale;        ///< the mean gradient is the sum times this
    double rate_factor;  ///< of each group's rate
    std::uint64_t number;
  };
  /// Dense blocks and the gradient's rows of tables (all rows that the node keeps where the group
  /// says so); all else keeps parameters and state.
  /// `state`: of the rules' state_layout().
  void apply(const Gradient& gradient, const Step& step, nn::ParameterSet& parameters,
             nn::ParameterSet& state, const Station& station = {});
  /// In place of the rules a Langevin step moves dense blocks and all rows that the node keeps;
  /// but `learnt`, a dense block if any, moves by its rule.
  struct SampledStep {
    Step of_rule;
    nn::LangevinStep langevin;
    std::function<nn::LangevinBlock(std::size_t block)> block;
    std::optional<std::size_t> learnt{};
  };
  void sample(const Gradient& gradient, const SampledStep& step, nn::ParameterSet& parameters,
              nn::ParameterSet& state, const Station& station = {});

 private:
  /// Rows of one block: those in `rows` of the gradient's table, or of the block itself where it is
  /// dense or all of its rows move.
  struct Piece {
    std::size_t block;
    std::size_t table;  ///< of the gradient; kDense for dense blocks
    Range rows;
  };
  static constexpr std::size_t kDense = ~std::size_t{0};

  enum class Rows { as_rules_say, all };
  /// Moves rows along their means, in `rows`; their gradients are no longer used.
  using Move = std::function<void(const Piece& piece, const nn::RowsToUpdate& rows, float* means)>;
  void follow_rule(std::size_t block, const Step& step, const nn::RowsToUpdate& rows,
                   float* means) const;
  void prefetch(std::size_t block, const nn::RowsToUpdate& rows) const;
  void cut_pieces(const Gradient& gradient, Rows which, const Station& station);
  void for_all_pieces(const Gradient& gradient, double scale, Rows which, const Station& station,
                      const std::function<nn::RowsToUpdate(std::size_t block)>& rows_of,
                      const Move& move);
  void for_means(const Gradient& gradient, const Piece& piece, double scale, Rows which,
                 nn::RowsToUpdate rows, std::span<float> room, const Move& move);
  bool moves_all(std::size_t block, Rows which) const {
    return which == Rows::all || rules_.group_of(block).moves_all_rows;
  }

  const nn::ParameterLayout& layout_;
  const nn::UpdateRules& rules_;
  const math::ThreadTeam& team_;
  RowPenalties penalties_;
  std::vector<Piece> pieces_;
  bool is_shared_ = false;                         ///< the work, with other cores
  std::vector<math::AlignedVector<float>> means_;  ///< of each thread
};

extern template class ParameterUpdate<math::ExactSum>;
extern template class ParameterUpdate<math::FloatSum>;

}  // namespace nnrec::train
