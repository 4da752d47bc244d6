#include <cmath>

#include "nnrec/base/per_processor.hpp"
#include "nnrec/math/matrix.hpp"

#include "registry.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// For a row w of k elements, with one number a:
///   a += (g_1^2 + ... + g_k^2) / k;  w -= rate g / sqrt(a + epsilon)
/// So a table's state is 1 / k of adagrad's. epsilon stands inside the root, as in adagrad, whose
/// rule it is when k = 1.
/// Source: Mudigere et al. 2022, "Software-hardware co-design for fast and scalable training of
/// deep learning recommendation models", section 4.1.4.
class RowwiseAdagrad final : public Optimizer {
 public:
  explicit RowwiseAdagrad(Settings& settings)
      : initial_accumulator_(settings.number("initial_accumulator", 0.1, kNotNegative)),
        epsilon_(static_cast<float>(settings.number("epsilon", 1e-7, kPositive))) {}

  std::vector<Slot> slots() const override {
    return {{"row_accumulator", SlotShape::row, static_cast<float>(initial_accumulator_)}};
  }

  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    const auto rate = static_cast<float>(step.rate);
    const auto cols = static_cast<float>(rows.cols);
    for (std::size_t i = 0; i < rows.count; ++i) {
      float* __restrict w = rows.parameters_of(i);
      float& a = rows.row_value(0, i);
      const float* __restrict g = rows.gradient_of(i);
      a += math::dot(g, g, rows.cols) / cols;
      const float scale = rate / std::sqrt(a + epsilon_);
      for (std::size_t c = 0; c < rows.cols; ++c) w[c] = std::fma(-scale, g[c], w[c]);
    }
  }

  double initial_accumulator_;
  float epsilon_;
};

}  // namespace

extern const Entry rowwise_adagrad{"a falling rate a row, little state", &make<RowwiseAdagrad>};

}  // namespace nnrec::nn::optimizers
