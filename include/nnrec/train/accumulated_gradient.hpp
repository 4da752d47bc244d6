#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/math/aligned.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/summed_gradient.hpp"

namespace nnrec::train {

/// The exact sums of several batches added up, each row that any of them touched once. Sums are
/// integers: batches of whole tiles give what one batch of all their rows gives. Not collective.
class AccumulatedGradient {
 public:
  using Gradient = SummedGradient<std::int64_t>;

  /// The arguments outlive it.
  AccumulatedGradient(const nn::ParameterLayout& layout, const math::ThreadTeam& team);

  void clear();
  /// Requires: the sums of all batches added since clear() fit (see GradientSum).
  void add(const Gradient& gradient);
  /// Of what was added since clear(); valid until the next change.
  const Gradient& sum() const noexcept { return sum_; }

 private:
  struct Table {
    std::vector<std::uint32_t> rows;         ///< rising
    math::AlignedVector<std::int64_t> sums;  ///< (rows.size(), cols)
  };
  void add_rows(const Gradient::Table& more, Table& table) const;

  const nn::ParameterLayout& layout_;
  const math::ThreadTeam& team_;
  math::AlignedVector<std::int64_t> dense_;
  std::vector<Table> tables_;
  Gradient sum_;
};

}  // namespace nnrec::train
