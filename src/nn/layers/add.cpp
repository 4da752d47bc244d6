#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Add final : public Layer {
 public:
  Add(const std::vector<Value>& parts, Value output) : Layer(parts, output) {}

  void forward(const LayerRun& run) const override {
    const Matrix y = run.output(output());
    math::copy(run.value(input(0)), y, math::Write::set);
    for (std::size_t i = 1; i < inputs().size(); ++i) {
      math::copy(run.value(input(i)), y, math::Write::add);
    }
  }

  void backward(const LayerRun& run) const override {
    const Matrix dy = run.gradient(output());
    for (const Value part : inputs()) {
      if (part.has_gradient) math::copy(dy, run.gradient(part), run.write(part));
    }
  }

  void visit(LayerVisitor& visitor) const override { visitor.add(output(), inputs()); }
};

}  // namespace

std::unique_ptr<Layer> add(const std::vector<Value>& parts) {
  if (parts.empty()) throw InternalError("add needs a value");
  Value sum = parts.front();
  for (const Value part : parts) {
    if (part.cols != sum.cols || part.fixed_rows != sum.fixed_rows) {
      throw InternalError("add needs values of one shape");
    }
    sum.has_gradient = sum.has_gradient || part.has_gradient;
  }
  return std::make_unique<Add>(parts, sum);
}

}  // namespace nnrec::nn
