#include "nnrec/nn/graph.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"

namespace nnrec::nn {

using math::Write;

// ------------------------------------------------------------------ building

Value Graph::add(std::unique_ptr<Layer> layer) {
  layer->output_.index = layers_.size();  // every layer has one output
  layers_.push_back(std::move(layer));
  return layers_.back()->output();
}

std::size_t Graph::project(Value lookup) {
  projected_.push_back(lookup);
  return projected_.size() - 1;
}

std::vector<std::size_t> Graph::count_uses(Value result) const {
  std::vector<std::size_t> uses(layers_.size(), 0);
  for (const auto& layer : layers_) {
    for (const Value input : layer->inputs()) ++uses.at(input.index);
  }
  if (uses.at(result.index)++ > 0 || result.cols != 1 || result.fixed_rows != 0) {
    throw InternalError("a result is one number a row that no layer uses");
  }
  if (std::ranges::find(uses, 0U) != uses.end()) {
    throw InternalError("a value of the graph is never used");
  }
  return uses;
}

void Graph::finish(const ParameterLayout& layout, Value result) {
  result_ = result;
  blocks_ = layout.blocks();
  dense_floats_ = layout.dense_size();
  const auto uses = count_uses(result);
  find_skipped(uses);
  for (const auto& layer : layers_) place(*layer, uses);
  count_writers(result);
  clear_beside_projected();
  for (const auto& layer : layers_) {
    layer->prepared_offset_ = prepared_floats_;
    prepared_floats_ += math::round_up(layer->prepared_floats(), math::kAlignmentFloats);
  }
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    roots_[root].offset = value_floats_;
    if (!roots_[root].is_parameters) value_floats_ += roots_[root].floats(roots_[root].rows());
    if (roots_[root].begins_at_zero) cleared_.push_back(root);
  }
}

/// Looked-up rows of which factored form makes no copies.
void Graph::find_skipped(const std::vector<std::size_t>& uses) {
  is_only_projected_.assign(layers_.size(), 0);
  for (const Value lookup : projected_) is_only_projected_[lookup.index] = uses[lookup.index] == 1;
  is_skipped_ = is_only_projected_;
  reads_tables_.assign(layers_.size(), 0);
  for (const auto& layer : layers_) {
    if (!layer->reads_tables()) continue;
    const auto is_own = [&](Value input) { return uses[input.index] == 1; };
    if (!std::ranges::all_of(layer->inputs(), is_own)) continue;
    reads_tables_[layer->output().index] = 1;
    for (const Value input : layer->inputs()) is_skipped_[input.index] = 1;
  }
}

/// A looked-up row that is used elsewhere too gets no gradient from the projected use, whose layer
/// leaves its place as it is.
void Graph::clear_beside_projected() {
  for (const auto& layer : layers_) {
    if (layer->placement() != Layer::Placement::joined) continue;
    for (const Value part : layer->inputs()) {
      const bool is_projected =
          std::ranges::find(projected_, part.index, &Value::index) != projected_.end();
      if (is_projected && !is_only_projected(part)) {
        roots_[places_[layer->output().index].root].begins_at_zero = true;
      }
    }
  }
}

void Graph::place(const Layer& layer, const std::vector<std::size_t>& uses) {
  if (layer.placement() == Layer::Placement::in_place) {
    const std::size_t input = layer.inputs()[0].index;
    if (uses[input] == 1 && !roots_[places_[input].root].is_parameters &&
        !is_read_besides(places_[input].root, uses)) {
      places_.push_back(places_[input]);
      return;
    }
  }
  Root root;
  root.cols = layer.output().cols;
  root.fixed_rows = layer.output().fixed_rows;
  const std::size_t output = layer.output().index;
  root.has_leaf[0] = layer.is_leaf(Form::plain);
  root.has_leaf[1] =
      (layer.is_leaf(Form::factored) && is_skipped_[output] == 0) || reads_tables_[output] != 0;
  root.is_parameters = layer.placement() == Layer::Placement::parameters;
  root.block = layer.block();
  roots_.push_back(root);
  places_.push_back({roots_.size() - 1, 0});
  if (layer.placement() == Layer::Placement::joined) join(layer);
}

/// Whether a value in that memory, which may be joined of several, has a second reader: what works
/// in place would change it under that one's eyes.
bool Graph::is_read_besides(std::size_t root, const std::vector<std::size_t>& uses) const {
  for (std::size_t value = 0; value < places_.size(); ++value)
    if (places_[value].root == root && uses[value] > 1) return true;
  return false;
}

/// The inputs' memory becomes part of the output's: joining costs nothing where they lie in no
/// other value already.
void Graph::join(const Layer& layer) {
  const std::size_t whole = places_[layer.output().index].root;
  std::size_t col = 0;
  for (const Value part : layer.inputs()) {
    const std::size_t old = places_[part.index].root;
    const bool is_alone = old != whole && roots_[old].cols == part.cols &&
                          !roots_[old].is_parameters && roots_[old].fixed_rows == 0;
    if (is_alone) {
      for (Place& place : places_) {
        if (place.root == old) place = {whole, place.first_col + col};
      }
      for (const std::size_t form : {0, 1}) {
        roots_[whole].has_leaf[form] |= roots_[old].has_leaf[form];
        roots_[old].has_leaf[form] = false;
      }
      roots_[old].cols = 0;
    }
    col += part.cols;
  }
}

/// Whether `part` lies inside `whole`, so that their gradients are one.
bool Graph::is_part_of(const Layer& layer, std::size_t input) const {
  std::size_t col = 0;
  if (layer.placement() == Layer::Placement::joined) {
    for (std::size_t i = 0; i < input; ++i) col += layer.inputs()[i].cols;
  }
  const Place& part = places_[layer.inputs()[input].index];
  const Place& whole = places_[layer.output().index];
  return part.root == whole.root && part.first_col == whole.first_col + col;
}

void Graph::count_writers(Value result) {
  std::vector<std::size_t> writers(roots_.size(), 0);
  ++writers[places_[result.index].root];
  for (const auto& layer : layers_) {
    for (std::size_t i = 0; i < layer->inputs().size(); ++i) {
      const Value input = layer->inputs()[i];
      if (!input.has_gradient || is_part_of(*layer, i)) continue;
      const std::size_t root = places_[input.index].root;
      ++writers[root];
      if (layer->scatters()) roots_[root].begins_at_zero = true;
    }
  }
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    if (writers[root] > 1) roots_[root].begins_at_zero = true;
  }
}

Workspace Graph::make_workspace() const {
  Workspace workspace;
  workspace.values.resize(value_floats_);
  workspace.gradients.resize(value_floats_);
  workspace.dense.resize(dense_floats_);
  workspace.prepared.resize(prepared_floats_);
  return workspace;
}

LeafPlace Graph::leaf(Value value) const {
  const Place& place = places_.at(value.index);
  return {place.root, place.first_col, value.cols};
}

std::size_t LeafGradients::floats(const Graph& graph, std::size_t rows, Form form) {
  std::size_t floats = 0;
  for (const Graph::Root& root : graph.roots_) {
    if (root.is_kept(form)) floats += root.floats(rows);
  }
  return floats;
}

LeafGradients::LeafGradients(const Graph& graph, std::size_t rows, Form form,
                             std::span<float> memory)
    : data_(memory) {
  std::size_t floats = 0;
  for (const Graph::Root& root : graph.roots_) {
    offsets_.push_back(floats);
    strides_.push_back(root.stride());
    if (root.is_kept(form)) floats += root.floats(rows);
  }
}

LeafGradients::LeafGradients(const Graph& graph, std::size_t rows, Form form)
    : LeafGradients(graph, rows, form, {}) {
  own_.resize(floats(graph, rows, form));
  data_ = own_;
}

// ------------------------------------------------------------------- running

void Graph::forward(const LayerRun& run) const {
  const bool is_factored = run.tile.form == Form::factored;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (!is_factored || is_skipped_[i] == 0) layers_[i]->forward(run);
  }
}

void Graph::backward(const LayerRun& run) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) (*layer)->backward(run);
}

void Graph::prepare(const ParameterSet& parameters, Form form, Workspace& workspace) const {
  for (const auto& layer : layers_) {
    layer->prepare(parameters, form, workspace.prepared.data() + layer->prepared_offset_);
  }
}

void Graph::begin_backward(const LayerRun& run) const {
  for (const std::size_t root : cleared_) {
    const Matrix gradient = run.root_gradient(root);
    for (std::size_t r = 0; r < gradient.rows; ++r) {
      std::fill_n(gradient.row(r), gradient.cols, 0.0F);
    }
  }
}

float* LayerRun::prepared(const Layer& layer) const {
  return workspace_.prepared.data() + layer.prepared_offset_;
}

bool LayerRun::reads_tables(const Layer& layer) const {
  return tile.form == Form::factored && graph_.reads_tables(layer.output());
}

Matrix LayerRun::root_value(std::size_t root) const {
  const Graph::Root& r = graph_.roots_[root];
  const std::size_t rows = r.fixed_rows == 0 ? tile.rows : r.fixed_rows;
  return {workspace_.values.data() + r.offset, rows, r.cols, r.stride()};
}

Matrix LayerRun::root_gradient(std::size_t root) const {
  const Graph::Root& r = graph_.roots_[root];
  if (r.is_parameters) return parameter_gradient(r.block);
  Matrix gradient = root_value(root);
  gradient.data = r.is_kept(tile.form) ? leaves_->data_.data() + leaves_->start(root, first_row_)
                                       : workspace_.gradients.data() + r.offset;
  return gradient;
}

Matrix LayerRun::part_of(Matrix root, Value value) const {
  return {root.data + graph_.places_[value.index].first_col, root.rows, value.cols, root.stride};
}

ConstMatrix LayerRun::value(Value value) const {
  const std::size_t root = graph_.places_[value.index].root;
  if (graph_.roots_[root].is_parameters) return parameters_.matrix(graph_.roots_[root].block);
  return part_of(root_value(root), value);
}

Matrix LayerRun::output(Value value) const {
  return part_of(root_value(graph_.places_[value.index].root), value);
}

Matrix LayerRun::gradient(Value value) const {
  return part_of(root_gradient(graph_.places_[value.index].root), value);
}

Write LayerRun::write(Value value) const {
  return graph_.roots_[graph_.places_[value.index].root].begins_at_zero ? Write::add : Write::set;
}

Matrix LayerRun::parameter_gradient(std::size_t block) const {
  const Block& b = graph_.blocks_[block];
  return {workspace_.dense.data() + b.dense_offset, b.rows, b.cols, b.cols};
}

}  // namespace nnrec::nn
