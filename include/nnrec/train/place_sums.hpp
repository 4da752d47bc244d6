#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/base/wide_sum.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::train {

/// Sums of numbers at places, in fixed point: the same bits in any order of threads and ranks.
class PlaceSums {
 public:
  explicit PlaceSums(std::size_t places = 0) : sums_(places) {}

  /// A value that is not finite, or 4.3e9 or more in size, is counted and left out.
  void add(std::size_t place, double value) {
    if (std::abs(value) < GradientFixed::kSumLimit) {  // false for a NaN
      sums_[place] += GradientFixed::from(value);
    } else {
      ++left_out_;
    }
  }
  void add(const PlaceSums& other);
  /// Adds up those of all ranks. Collective.
  void sum(comm::Communicator& ranks);

  double of(std::size_t place) const { return GradientFixed::to_double(sums_[place]); }
  std::int64_t left_out() const noexcept { return left_out_; }

 private:
  std::vector<WideSum> sums_;
  std::int64_t left_out_ = 0;
};

}  // namespace nnrec::train
