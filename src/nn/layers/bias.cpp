#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Bias final : public Layer {
 public:
  Bias(Value x, std::size_t block)
      : Layer({x}, {.cols = x.cols, .fixed_rows = x.fixed_rows}), block_(block) {}

  Placement placement() const override { return Placement::in_place; }

  void forward(const LayerRun& run) const override {
    const ConstMatrix x = run.value(input());
    const Matrix y = run.output(output());
    const float* b = run.parameter(block_).data;
    for (std::size_t r = 0; r < y.rows; ++r) {
      for (std::size_t c = 0; c < y.cols; ++c) y.row(r)[c] = x.row(r)[c] + b[c];
    }
  }

  void backward(const LayerRun& run) const override {
    const Matrix dy = run.gradient(output());
    math::column_sums(dy, run.parameter_gradient(block_).data);
    if (input().has_gradient) math::copy(dy, run.gradient(input()), run.write(input()));
  }

  void visit(LayerVisitor& visitor) const override { visitor.bias(output(), input(), block_); }

 private:
  std::size_t block_;
};

}  // namespace

std::unique_ptr<Layer> bias(ParameterLayout& layout, Value x, const std::string& name) {
  return std::make_unique<Bias>(x,
                                layout.add(name, 1, x.cols, BlockKind::dense, InitialValues::zero));
}

}  // namespace nnrec::nn
