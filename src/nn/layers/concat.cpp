#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Concat final : public Layer {
 public:
  Concat(const std::vector<Value>& parts, Value output) : Layer(parts, output) {}

  Placement placement() const override { return Placement::joined; }

  void forward(const LayerRun& run) const override {
    Matrix place = run.output(output());
    for (const Value part : inputs()) {
      place.cols = part.cols;
      math::copy(run.value(part), place, math::Write::set);
      place.data += part.cols;
    }
  }

  void backward(const LayerRun& run) const override {
    Matrix place = run.gradient(output());
    for (const Value part : inputs()) {
      place.cols = part.cols;
      if (part.has_gradient) math::copy(place, run.gradient(part), run.write(part));
      place.data += part.cols;
    }
  }

  void visit(LayerVisitor& visitor) const override { visitor.concat(output(), inputs()); }
};

}  // namespace

std::unique_ptr<Layer> concat(const std::vector<Value>& parts) {
  Value whole;
  whole.has_gradient = false;
  for (const Value part : parts) {
    if (part.fixed_rows != 0) throw InternalError("concat joins values of the batch");
    whole.cols += part.cols;
    whole.has_gradient = whole.has_gradient || part.has_gradient;
  }
  return std::make_unique<Concat>(parts, whole);
}

}  // namespace nnrec::nn
