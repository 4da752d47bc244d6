#include "nnrec/nn/layers.hpp"

#include "bags.hpp"

namespace nnrec::nn {
namespace {

class ProjectedBag final : public Layer {
 public:
  explicit ProjectedBag(const ProjectedBagOptions& options)
      : Layer({}, {.cols = options.units}), options_(options) {}

  bool is_leaf(Form form) const override { return form == Form::factored; }

  void forward(const LayerRun& run) const override {
    if (run.tile.form == Form::plain) return;
    const ProjectedRows& projected = run.tile.projected[options_.projection];
    // The slots number the rows of the products as the bags' values do those of the table.
    const Bags slots{run.tile.bags[options_.column].offsets, projected.slots};
    const ConstMatrix rows{projected.rows, 0, options_.units, options_.units};
    sum_of_bags(rows, slots, options_.scale, run.output(output()));
  }

  // The sum over rows that share an index is made when the whole batch is done.
  void backward(const LayerRun& run) const override {
    if (run.tile.form == Form::plain) return;
    share_of_members(run.tile.bags[options_.column], options_.scale, run.gradient(output()));
  }

  // In plain form, which predicts, nobody reads it.
  void visit(LayerVisitor&) const override {}

 private:
  ProjectedBagOptions options_;
};

}  // namespace

std::unique_ptr<Layer> projected_bag(const ProjectedBagOptions& options) {
  return std::make_unique<ProjectedBag>(options);
}

}  // namespace nnrec::nn
