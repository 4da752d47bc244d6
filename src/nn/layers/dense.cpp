#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Dense final : public Layer {
 public:
  Dense(Value x, const DenseOptions& options, std::size_t weight, std::size_t bias)
      : Layer({x}, {.cols = options.units, .fixed_rows = x.fixed_rows}),
        transposed_{nullptr, options.units, x.cols, x.cols},
        activation_(options.activation),
        weight_(weight),
        bias_(bias) {}

  /// w^T, in whose rows backward's product runs.
  std::size_t prepared_floats() const override { return transposed_.rows * transposed_.cols; }
  void prepare(const ParameterSet& parameters, Form, float* prepared) const override {
    Matrix transposed = transposed_;
    transposed.data = prepared;
    math::transpose(parameters.matrix(weight_), transposed);
  }

  void forward(const LayerRun& run) const override {
    math::dense(run.value(input()), run.parameter(weight_), run.parameter(bias_).data, activation_,
                run.output(output()));
  }

  /// dz = dy where y > 0 (relu), else dy; dw = x^T dz, db = column sums of dz, dx = dz w^T.
  void backward(const LayerRun& run) const override {
    const ConstMatrix x = run.value(input());
    const Matrix dz = run.gradient(output());
    if (activation_ == Activation::relu) math::relu_backward(run.value(output()), dz);
    math::transposed_product(x, dz, run.parameter_gradient(weight_));
    math::column_sums(dz, run.parameter_gradient(bias_).data);
    if (!input().has_gradient) return;
    Matrix transposed = transposed_;
    transposed.data = run.prepared(*this);
    math::product(dz, transposed, run.gradient(input()), run.write(input()));
  }

  void visit(LayerVisitor& visitor) const override {
    visitor.dense(output(), input(), {weight_, bias_, activation_});
  }

 private:
  Matrix transposed_;  ///< the shape of w^T
  Activation activation_;
  std::size_t weight_;
  std::size_t bias_;
};

}  // namespace

std::unique_ptr<Layer> dense(ParameterLayout& layout, Value x, const DenseOptions& options) {
  const std::size_t weight = layout.add(options.name + ".weight", x.cols, options.units,
                                        BlockKind::dense, InitialValues::glorot_uniform);
  const std::size_t bias =
      layout.add(options.name + ".bias", 1, options.units, BlockKind::dense, InitialValues::zero);
  return std::make_unique<Dense>(x, options, weight, bias);
}

}  // namespace nnrec::nn
