#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Dropout final : public Layer {
 public:
  Dropout(Value x, float rate, std::size_t layer) : Layer({x}, x), rate_(rate), layer_(layer) {}

  Placement placement() const override { return Placement::in_place; }

  void forward(const LayerRun& run) const override {
    const Matrix y = run.output(output());
    math::copy(run.value(input()), y, math::Write::set);
    apply(run, y);
  }

  /// The same units fall out of the gradient.
  void backward(const LayerRun& run) const override {
    if (!input().has_gradient) return;
    const Matrix dy = run.gradient(output());
    apply(run, dy);
    math::copy(dy, run.gradient(input()), run.write(input()));
  }

  void visit(LayerVisitor& visitor) const override { visitor.same(output(), input()); }

 private:
  void apply(const LayerRun& run, Matrix x) const {
    if (run.tile.dropout == nullptr) return;
    run.tile.dropout->apply(rate_, layer_, run.tile.first_position, x);
  }

  float rate_;
  std::size_t layer_;
};

}  // namespace

std::unique_ptr<Layer> dropout(Value x, float rate, std::size_t layer) {
  if (x.fixed_rows != 0) throw InternalError("dropout needs a value of the batch");
  return std::make_unique<Dropout>(x, rate, layer);
}

}  // namespace nnrec::nn
