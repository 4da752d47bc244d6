#include "nnrec/nn/layer_visitor.hpp"

#include "bags.hpp"

namespace nnrec::nn {
namespace {

class BagEmbedding final : public Layer {
 public:
  BagEmbedding(const LookupOptions& options, BagScale scale, std::size_t block)
      : Layer({}, {.cols = options.dim}), column_(options.column), scale_(scale), block_(block) {}

  bool is_leaf(Form) const override { return true; }

  void forward(const LayerRun& run) const override {
    sum_of_bags(run.parameter(block_), run.tile.bags[column_], scale_, run.output(output()));
  }

  // The sum over rows that share an index is made when the whole batch is done.
  void backward(const LayerRun& run) const override {
    share_of_members(run.tile.bags[column_], scale_, run.gradient(output()));
  }

  void visit(LayerVisitor& visitor) const override {
    visitor.bag_embedding(output(), column_, block_, scale_);
  }

 private:
  std::size_t column_;
  BagScale scale_;
  std::size_t block_;
};

}  // namespace

std::unique_ptr<Layer> bag_embedding(ParameterLayout& layout, const LookupOptions& options,
                                     BagScale scale) {
  const std::size_t block =
      layout.add(options.name, options.rows, options.dim, BlockKind::table, options.initial);
  return std::make_unique<BagEmbedding>(options, scale, block);
}

}  // namespace nnrec::nn
