#pragma once

#include <cmath>

#include "nnrec/nn/integer_power.hpp"

#include "registry.hpp"

namespace nnrec::nn::optimizers {

/// What adam and adamw share: two averages an element,
///   m += (1 - b1) (g - m);  v += (1 - b2) (g^2 - v)
///   w = keep w - rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)   at update t
/// A row that a batch does not touch keeps m, v and w (the lazy form for tables); t counts all
/// updates.
/// Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", end of section 2.
class AdamUpdate {
 public:
  explicit AdamUpdate(Settings& settings)
      : beta1_(static_cast<float>(settings.number("beta1", 0.9, kBelowOne))),
        beta2_(static_cast<float>(settings.number("beta2", 0.999, kBelowOne))),
        epsilon_(static_cast<float>(settings.number("epsilon", 1e-7, kPositive))) {}

  static std::vector<Slot> slots() {
    return {{"mean", SlotShape::element, 0.0F}, {"square", SlotShape::element, 0.0F}};
  }

  /// `keep`: 1, or what a decay leaves of the weights.
  [[gnu::always_inline]] void update(const RowsToUpdate& rows, const Optimizer::Step& step,
                                     float keep) const {
    const float rate = corrected_rate(step);
    const float part1 = 1 - beta1_;
    const float part2 = 1 - beta2_;
    const float epsilon = epsilon_;
    for (std::size_t i = 0; i < rows.count; ++i) {
      float* __restrict w = rows.parameters_of(i);
      float* __restrict m = rows.elements_of(0, i);
      float* __restrict v = rows.elements_of(1, i);
      const float* __restrict g = rows.gradient_of(i);
      for (std::size_t c = 0; c < rows.cols; ++c) {
        m[c] = std::fma(part1, g[c] - m[c], m[c]);
        v[c] = std::fma(part2, std::fma(g[c], g[c], -v[c]), v[c]);
        w[c] = std::fma(keep, w[c], -(rate * m[c] / (std::sqrt(v[c]) + epsilon)));
      }
    }
  }

 private:
  float corrected_rate(const Optimizer::Step& step) const {
    const double left1 = 1 - integer_power(static_cast<double>(beta1_), step.number);
    const double left2 = 1 - integer_power(static_cast<double>(beta2_), step.number);
    return static_cast<float>(step.rate * std::sqrt(left2) / left1);
  }

  float beta1_;
  float beta2_;
  float epsilon_;
};

}  // namespace nnrec::nn::optimizers
