#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

#include "bags.hpp"

namespace nnrec::nn {
namespace {

class BagMean final : public Layer {
 public:
  BagMean(Value x, std::size_t column) : Layer({x}, {.cols = x.cols}), column_(column) {}

  bool scatters() const override { return true; }

  void forward(const LayerRun& run) const override {
    sum_of_bags(run.value(input()), run.tile.bags[column_], BagScale::mean, run.output(output()));
  }

  /// dx(j, :) += dy(i, :) / size of bag i, for each j in bag i.
  void backward(const LayerRun& run) const override {
    const Bags& bags = run.tile.bags[column_];
    const Matrix dy = run.gradient(output());
    share_of_members(bags, BagScale::mean, dy);
    add_to_members(bags, dy, run.gradient(input()));
  }

  void visit(LayerVisitor& visitor) const override { visitor.bag_mean(output(), input(), column_); }

 private:
  std::size_t column_;
};

}  // namespace

std::unique_ptr<Layer> bag_mean(Value x, std::size_t column) {
  if (x.fixed_rows == 0) throw InternalError("bag_mean needs a value made from a table");
  return std::make_unique<BagMean>(x, column);
}

}  // namespace nnrec::nn
