#include <cmath>

#include "nnrec/base/per_processor.hpp"

#include "registry.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// v = momentum v + g;  w -= rate v, or with nesterov  w -= rate (g + momentum v)
/// The rate stands outside of v, so a schedule acts at once. A row that a batch does not touch does
/// not coast: v and w stay.
/// Source: Sutskever, Martens, Dahl, Hinton 2013, "On the importance of initialization and momentum
/// in deep learning", with v in units of the gradient.
class Momentum final : public Optimizer {
 public:
  explicit Momentum(Settings& settings)
      : momentum_(static_cast<float>(settings.number("momentum", 0.9, kBelowOne))),
        has_nesterov_(settings.flag("nesterov", false)) {}

  std::vector<Slot> slots() const override { return {{"velocity", SlotShape::element, 0.0F}}; }

  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    const auto rate = static_cast<float>(step.rate);
    const float momentum = momentum_;
    // w -= rate (ahead v + gradient_part g): (momentum, 1) with nesterov, (1, 0) without.
    const float ahead = has_nesterov_ ? momentum : 1.0F;
    const float gradient_part = has_nesterov_ ? 1.0F : 0.0F;
    for (std::size_t i = 0; i < rows.count; ++i) {
      float* __restrict w = rows.parameters_of(i);
      float* __restrict v = rows.elements_of(0, i);
      const float* __restrict g = rows.gradient_of(i);
      for (std::size_t c = 0; c < rows.cols; ++c) {
        v[c] = std::fma(momentum, v[c], g[c]);
        w[c] = std::fma(-rate, std::fma(ahead, v[c], gradient_part * g[c]), w[c]);
      }
    }
  }

  float momentum_;
  bool has_nesterov_;
};

}  // namespace

extern const Entry momentum{"sgd with a velocity", &make<Momentum>};

}  // namespace nnrec::nn::optimizers
