#pragma once

#include <cstdint>

#include "nnrec/base/random.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::nn {

/// Which units fall out. One call covers a tile; the same call on gradients going back makes the
/// same choice.
class DropoutNoise {
 public:
  virtual ~DropoutNoise() = default;
  /// x(i, u) = 0 for a unit that falls out, else x(i, u) / (1 - rate). Row i is the rating at
  /// position first_position + i of the epoch; `layer` tells the dropout layers of a model apart.
  virtual void apply(float rate, std::size_t layer, std::uint64_t first_position,
                     math::Matrix x) const = 0;
};

/// Noise as a function of (seed, step, layer, position, unit): see CounterRandom.
class CounterDropout final : public DropoutNoise {
 public:
  CounterDropout(std::uint64_t seed, std::uint64_t step) noexcept
      : random_(seed, Purpose::dropout, step) {}
  void apply(float rate, std::size_t layer, std::uint64_t first_position,
             math::Matrix x) const override;

 private:
  CounterRandom random_;
};

}  // namespace nnrec::nn
