#include <cmath>

#include "nnrec/base/per_processor.hpp"

#include "registry.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// w -= rate g
class Sgd final : public Optimizer {
 public:
  explicit Sgd(Settings&) {}

  std::vector<Slot> slots() const override { return {}; }

  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    const auto rate = static_cast<float>(step.rate);
    for (std::size_t i = 0; i < rows.count; ++i) {
      float* __restrict w = rows.parameters_of(i);
      const float* __restrict g = rows.gradient_of(i);
      for (std::size_t c = 0; c < rows.cols; ++c) w[c] = std::fma(-rate, g[c], w[c]);
    }
  }
};

}  // namespace

extern const Entry sgd{"plain steps", &make<Sgd>};

}  // namespace nnrec::nn::optimizers
