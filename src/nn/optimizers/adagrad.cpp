#include <cmath>

#include "nnrec/base/per_processor.hpp"

#include "registry.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// a += g^2;  w -= rate g / sqrt(a + epsilon)
/// The accumulator a starts at initial_accumulator; epsilon stands inside the root, as the
/// published training has it. Source: Duchi, Hazan, Singer 2011, "Adaptive subgradient methods for
/// online learning and stochastic optimization".
class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(Settings& settings)
      : initial_accumulator_(settings.number("initial_accumulator", 0.1, kNotNegative)),
        epsilon_(static_cast<float>(settings.number("epsilon", 1e-7, kPositive))) {}

  std::vector<Slot> slots() const override {
    return {{"accumulator", SlotShape::element, static_cast<float>(initial_accumulator_)}};
  }

  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    const auto rate = static_cast<float>(step.rate);
    const float epsilon = epsilon_;
    for (std::size_t i = 0; i < rows.count; ++i) {
      float* __restrict w = rows.parameters_of(i);
      float* __restrict a = rows.elements_of(0, i);
      const float* __restrict g = rows.gradient_of(i);
      for (std::size_t c = 0; c < rows.cols; ++c) {
        a[c] = std::fma(g[c], g[c], a[c]);
        w[c] -= rate * g[c] / std::sqrt(a[c] + epsilon);
      }
    }
  }

  double initial_accumulator_;
  float epsilon_;
};

}  // namespace

extern const Entry adagrad{"a falling rate an element", &make<Adagrad>};

}  // namespace nnrec::nn::optimizers
