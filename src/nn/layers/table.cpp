#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

/// The parameters themselves: nothing is computed or copied.
class Table final : public Layer {
 public:
  Table(std::size_t rows, std::size_t dim, std::size_t block)
      : Layer({}, {.cols = dim, .fixed_rows = rows}), block_(block) {}

  Placement placement() const override { return Placement::parameters; }
  std::size_t block() const override { return block_; }
  void forward(const LayerRun&) const override {}
  void backward(const LayerRun&) const override {}

  void visit(LayerVisitor& visitor) const override { visitor.table(output(), block_); }

 private:
  std::size_t block_;
};

}  // namespace

std::unique_ptr<Layer> table(ParameterLayout& layout, const std::string& name, std::size_t rows,
                             std::size_t dim) {
  // Every row is transformed in every step, so every row has a gradient: a dense block.
  const std::size_t block = layout.add(name, rows, dim, BlockKind::dense, InitialValues::embedding);
  return std::make_unique<Table>(rows, dim, block);
}

}  // namespace nnrec::nn
