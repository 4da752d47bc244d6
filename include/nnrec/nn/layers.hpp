#pragma once

#include <cstdint>

#include "nnrec/base/random.hpp"
#include "nnrec/math/matrix.hpp"

/// The layers, forward and backward side by side. All work on one tile of n rows; gradients are
/// sums over the tile's rows. Requires: every index is below its table's rows (the data floor
/// checks).
namespace nnrec::nn {

using math::Activation;
using math::ConstMatrix;
using math::Matrix;

/// A list of indices for each of n rows: row i has values[offsets[i] .. offsets[i + 1]).
struct Bags {
  const std::uint32_t* offsets;
  const std::uint32_t* values;
};

/// y(i, :) = table(index[i], :). Shapes: table (rows, dim), y (n, dim).
/// The backward half is a sum over rows that share an index; see train/gradient.
void embedding_forward(ConstMatrix table, const std::uint32_t* index, Matrix y);

/// y(i, :) = mean of table(j, :) over bag i; an empty bag gives 0.
void bag_mean_forward(ConstMatrix table, const Bags& bags, Matrix y);
/// dy(i, :) /= size of bag i: what each member of bag i receives.
void bag_mean_backward(const Bags& bags, Matrix dy);
/// dtable(j, :) += dy(i, :) for each j in bag i, dy after bag_mean_backward. For small tables whose
/// rows are computed inside a tile.
void bag_mean_scatter(const Bags& bags, ConstMatrix dy, Matrix dtable);

/// y = activation(x w + bias). Shapes: x (n, k), w (k, m), bias m, y (n, m).
void dense_forward(ConstMatrix x, ConstMatrix w, const float* bias, Activation activation,
                   Matrix y);
/// dy becomes the gradient before the activation; dw = x^T dy, dbias = column sums of dy, and
/// dx = dy w^T unless dx.data is null (inputs that need no gradient). Overwrites.
struct DenseGradient {
  Matrix dw;
  float* dbias;
  Matrix dx;
};
void dense_backward(ConstMatrix x, ConstMatrix w, ConstMatrix y, Activation activation, Matrix dy,
                    const DenseGradient& gradient);

/// y(i, 0) = dot(a(i, :), b(i, :)). Shapes: a, b (n, k), y (n, 1).
void dot_forward(ConstMatrix a, ConstMatrix b, Matrix y);
/// da(i, :) = dy(i, 0) b(i, :) and db(i, :) = dy(i, 0) a(i, :).
void dot_backward(ConstMatrix a, ConstMatrix b, ConstMatrix dy, Matrix da, Matrix db);

/// Which units fall out. One call covers a tile; the same call on gradients going back makes the
/// same choice.
class DropoutNoise {
 public:
  virtual ~DropoutNoise() = default;
  /// x(i, u) = 0 for a unit that falls out, else x(i, u) / (1 - rate). Row i is the rating at
  /// position first_position + i of the epoch; `layer` tells the dropout layers of a model apart.
  virtual void apply(float rate, std::size_t layer, std::uint64_t first_position,
                     Matrix x) const = 0;
};

/// Noise as a function of (seed, step, layer, position, unit): see CounterRandom.
class CounterDropout final : public DropoutNoise {
 public:
  CounterDropout(std::uint64_t seed, std::uint64_t step) noexcept
      : random_(seed, Purpose::dropout, step) {}
  void apply(float rate, std::size_t layer, std::uint64_t first_position, Matrix x) const override;

 private:
  CounterRandom random_;
};

}  // namespace nnrec::nn
