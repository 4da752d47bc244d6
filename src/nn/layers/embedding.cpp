#include <algorithm>

#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Embedding final : public Layer {
 public:
  Embedding(const LookupOptions& options, std::size_t block)
      : Layer({}, {.cols = options.dim}), column_(options.column), block_(block) {}

  bool is_leaf(Form) const override { return true; }

  void forward(const LayerRun& run) const override {
    const ConstMatrix table = run.parameter(block_);
    const std::uint32_t* id = run.tile.ids[column_];
    const Matrix y = run.output(output());
    for (std::size_t r = 0; r < y.rows; ++r) std::copy_n(table.row(id[r]), y.cols, y.row(r));
  }

  // The sum over rows that share an index is made when the whole batch is done.
  void backward(const LayerRun&) const override {}

  void visit(LayerVisitor& visitor) const override { visitor.embedding(output(), column_, block_); }

 private:
  std::size_t column_;
  std::size_t block_;
};

}  // namespace

std::unique_ptr<Layer> embedding(ParameterLayout& layout, const LookupOptions& options) {
  const std::size_t block =
      layout.add(options.name, options.rows, options.dim, BlockKind::table, options.initial);
  return std::make_unique<Embedding>(options, block);
}

}  // namespace nnrec::nn
