#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Scalar final : public Layer {
 public:
  explicit Scalar(std::size_t column)
      : Layer({}, {.cols = 1, .has_gradient = false}), column_(column) {}

  void forward(const LayerRun& run) const override {
    const float* number = run.tile.scalars[column_];
    const Matrix y = run.output(output());
    for (std::size_t r = 0; r < y.rows; ++r) y.row(r)[0] = number[r];
  }
  void backward(const LayerRun&) const override {}

  void visit(LayerVisitor& visitor) const override { visitor.scalar(output(), column_); }

 private:
  std::size_t column_;
};

}  // namespace

std::unique_ptr<Layer> scalar(std::size_t column) {
  return std::make_unique<Scalar>(column);
}

}  // namespace nnrec::nn
