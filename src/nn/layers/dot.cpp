#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

class Dot final : public Layer {
 public:
  Dot(Value a, Value b, const std::optional<DotTables>& tables)
      : Layer({a, b}, {.cols = 1}), tables_(tables) {}

  bool reads_tables() const override { return tables_.has_value(); }

  void forward(const LayerRun& run) const override {
    const Matrix y = run.output(output());
    if (run.reads_tables(*this)) {
      math::row_dots(rows(run, tables_->a), rows(run, tables_->b), input().cols, y);
      return;
    }
    math::row_dots(run.value(input(0)), run.value(input(1)), y);
  }

  /// da(i, :) = dy(i) b(i, :) and db(i, :) = dy(i) a(i, :).
  void backward(const LayerRun& run) const override {
    if (run.reads_tables(*this)) return;  // dy is kept
    const ConstMatrix dy = run.gradient(output());
    for (const std::size_t side : {0, 1}) {
      if (!input(side).has_gradient) continue;
      math::scale_rows(dy, run.value(input(1 - side)), run.gradient(input(side)),
                       run.write(input(side)));
    }
  }

  void visit(LayerVisitor& visitor) const override { visitor.dot(output(), input(0), input(1)); }

 private:
  static math::IndexedRows rows(const LayerRun& run, const DotTables::Rows& of) {
    const ConstMatrix table = run.parameter(of.block);
    return {table.data, table.stride, run.tile.ids[of.column]};
  }

  std::optional<DotTables> tables_;
};

}  // namespace

std::unique_ptr<Layer> dot(Value a, Value b, const std::optional<DotTables>& tables) {
  if (a.cols != b.cols) throw InternalError("dot needs equal dimensions");
  if (a.fixed_rows != 0 || b.fixed_rows != 0) throw InternalError("dot needs values of the batch");
  return std::make_unique<Dot>(a, b, tables);
}

}  // namespace nnrec::nn
