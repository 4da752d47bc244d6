#pragma once

#include <cstdint>
#include <span>

#include "nnrec/base/random.hpp"
#include "nnrec/nn/optimizer.hpp"

namespace nnrec::nn {

/// What a Langevin step knows of a block, besides its gradient.
struct LangevinBlock {
  std::uint32_t number = 0;  ///< of the block: part of what its noise is a function of
  /// (cols), or one for all: of the prior, normal(0, 1 / precision).
  std::span<const double> precision;
  /// As many: of each look-up the expected square of the prediction's derivative.
  std::span<const double> curvature;
  double curvature_factor = 1;  ///< in the preconditioner
  /// (rows): training ratings that look a row up; rows of none do not move. Empty: all rows count
  /// as looked up once.
  std::span<const float> look_ups;
};

struct LangevinStep {
  double step_size = 0;
  double noise_precision = 0;  ///< of a rating, given the model
  double ratings = 0;          ///< all that are trained on
  double step_rows = 0;        ///< those that the gradient is the mean over
  CounterRandom noise;         ///< of this step
};

/// Preconditioned stochastic gradient Langevin dynamics on some rows of a block. For each element,
/// with g the mean gradient of the squared error (of half of it in the papers), N ratings, B of
/// them in the step:
///   M    = 1 / (2 alpha h n + lambda),  h curvature (times its factor), n look-ups
///   rho  = min(0.9, eps / 8 (N / B - 1) (1 - lambda M)),  the share of noise that the batch brings
///   w   -= eps / 2 M (alpha N g / 2 + lambda w) - sqrt(eps M (1 - rho)) xi,  xi standard normal
/// Steps of small eps visit weights w with the density of their posterior distribution.
/// The noise of an element is a function of (step's random, block, element): the same bits however
/// rows are shared out. Requires: rows that follow each other, all columns of them.
/// Source: Welling and Teh 2011, "Bayesian learning via stochastic gradient Langevin dynamics";
/// Li, Chen, Carlson, Carin 2016, "Preconditioned stochastic gradient Langevin dynamics".
void langevin_update(const RowsToUpdate& rows, const LangevinBlock& block,
                     const LangevinStep& step);

}  // namespace nnrec::nn
