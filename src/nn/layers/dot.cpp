#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Dot final : public Layer {
 public:
  Dot(Value a, Value b) : Layer({a, b}, {.cols = 1}) {}

  void forward(const LayerRun& run) const override {
    math::row_dots(run.value(input(0)), run.value(input(1)), run.output(output()));
  }

  /// da(i, :) = dy(i) b(i, :) and db(i, :) = dy(i) a(i, :).
  void backward(const LayerRun& run) const override {
    const ConstMatrix dy = run.gradient(output());
    for (const std::size_t side : {0, 1}) {
      if (!input(side).has_gradient) continue;
      math::scale_rows(dy, run.value(input(1 - side)), run.gradient(input(side)),
                       run.write(input(side)));
    }
  }

  void visit(LayerVisitor& visitor) const override { visitor.dot(output(), input(0), input(1)); }
};

}  // namespace

std::unique_ptr<Layer> dot(Value a, Value b) {
  if (a.cols != b.cols) throw InternalError("dot needs equal dimensions");
  if (a.fixed_rows != 0 || b.fixed_rows != 0) throw InternalError("dot needs values of the batch");
  return std::make_unique<Dot>(a, b);
}

}  // namespace nnrec::nn
