#include "nnrec/models/network.hpp"

#include "nnrec/base/error.hpp"

namespace nnrec::models {

using features::BagColumn;
using features::IdColumn;
using features::ScalarColumn;
using nn::BlockKind;
using nn::InitialValues;

Value Network::add(Node node, std::size_t fixed_rows) {
  node.root = roots_.size();
  Root root;
  root.fixed_rows = fixed_rows;
  root.cols = node.cols;
  roots_.push_back(root);
  nodes_.push_back(std::move(node));
  return {nodes_.size() - 1};
}

void Network::use(Value value) {
  Node& node = nodes_.at(value.node);
  if (node.used) throw InternalError("a value of the network is used twice");
  node.used = true;
}

Value Network::lookup(Op op, const std::string& name, const LookupColumn& column, std::size_t rows,
                      std::size_t dim) {
  Node node{.op = op, .inputs = {}, .cols = dim};
  node.column = std::visit([](auto c) { return static_cast<std::size_t>(c); }, column);
  node.block = layout_.add(name, rows, dim, BlockKind::table, InitialValues::embedding_uniform);
  tables_.push_back({node.block, column, 0, 0, dim});
  const Value value = add(std::move(node), 0);
  roots_.back().has_leaf = true;
  lookup_nodes_.push_back(value.node);
  return value;
}

Value Network::embedding(const std::string& name, IdColumn column, std::size_t rows,
                         std::size_t dim) {
  columns_[column] = true;
  return lookup(Op::embedding, name, column, rows, dim);
}

Value Network::bag_embedding(const std::string& name, BagColumn column, std::size_t rows,
                             std::size_t dim) {
  columns_[column] = true;
  return lookup(Op::bag_embedding, name, column, rows, dim);
}

Value Network::scalar(ScalarColumn column) {
  Node node{.op = Op::scalar, .inputs = {}, .cols = 1};
  node.column = static_cast<std::size_t>(column);
  node.needs_gradient = false;
  columns_[column] = true;
  return add(std::move(node), 0);
}

Value Network::table(const std::string& name, std::size_t rows, std::size_t dim) {
  Node node{.op = Op::table, .inputs = {}, .cols = dim};
  // Every row is transformed in every step, so every row has a gradient: a dense block.
  node.block = layout_.add(name, rows, dim, BlockKind::dense, InitialValues::embedding_uniform);
  return add(std::move(node), rows);
}

Value Network::bag_mean(Value value, BagColumn column) {
  use(value);
  if (rows_of(nodes_[value.node]) == 0) throw InternalError("bag_mean needs a value made of table");
  Node node{.op = Op::bag_mean, .inputs = {value.node}, .cols = nodes_[value.node].cols};
  node.column = static_cast<std::size_t>(column);
  columns_[column] = true;
  return add(std::move(node), 0);
}

Value Network::dense(const std::string& name, Value x, std::size_t units, Activation activation) {
  use(x);
  Node node{.op = Op::dense, .inputs = {x.node}, .cols = units};
  node.activation = activation;
  node.block = layout_.add(name + ".weight", nodes_[x.node].cols, units, BlockKind::dense,
                           InitialValues::glorot_uniform);
  layout_.add(name + ".bias", 1, units, BlockKind::dense, InitialValues::zero);
  return add(std::move(node), rows_of(nodes_[x.node]));
}

Value Network::concat(const std::vector<Value>& parts) {
  Node node{.op = Op::concat, .inputs = {}};
  for (const Value part : parts) {
    use(part);
    if (rows_of(nodes_[part.node]) != 0) throw InternalError("concat joins values of the batch");
    const Op op = nodes_[part.node].op;
    if (op == Op::concat || op == Op::dropout) {
      throw InternalError("concat takes values with storage of their own: no concat, no dropout");
    }
    node.inputs.push_back(part.node);
    node.cols += nodes_[part.node].cols;
  }
  const Value whole = add(std::move(node), 0);
  // The parts write straight into the whole: joining costs nothing.
  std::size_t col = 0;
  for (const Value part : parts) {
    Node& child = nodes_[part.node];
    Root& root = roots_.back();
    root.has_leaf = root.has_leaf || roots_[child.root].has_leaf;
    roots_[child.root].cols = 0;
    child.root = roots_.size() - 1;
    child.first_col = col;
    col += child.cols;
  }
  return whole;
}

Value Network::dropout(Value x, float rate) {
  if (rate == 0.0F) return x;
  use(x);
  if (rows_of(nodes_[x.node]) != 0 || !nodes_[x.node].needs_gradient) {
    throw InternalError("dropout needs a value of the batch that has a gradient");
  }
  Node node = nodes_[x.node];
  node.op = Op::dropout;
  node.inputs = {x.node};
  node.rate = rate;
  node.dropout_layer = dropout_layers_++;
  node.used = false;
  nodes_.push_back(std::move(node));  // in place: the storage of x
  return {nodes_.size() - 1};
}

Value Network::dot(Value a, Value b) {
  use(a);
  use(b);
  if (nodes_[a.node].cols != nodes_[b.node].cols) throw InternalError("dot needs equal dimensions");
  for (const Value side : {a, b}) {
    if (rows_of(nodes_[side.node]) != 0 || !nodes_[side.node].needs_gradient) {
      throw InternalError("dot needs values of the batch that have a gradient");
    }
  }
  return add(Node{.op = Op::dot, .inputs = {a.node, b.node}, .cols = 1}, 0);
}

void Network::rating(Value prediction) {
  use(prediction);
  rating_node_ = prediction.node;
  if (nodes_[rating_node_].cols != 1) throw InternalError("a rating has one column");
  if (rows_of(nodes_[rating_node_]) != 0) throw InternalError("a rating is a value of the batch");
  for (Root& root : roots_) {
    root.offset = value_floats_;
    value_floats_ += root.rows() * root.stride();
  }
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    const Node& node = nodes_[lookup_nodes_[table]];  // a concat may have moved it
    tables_[table].root = node.root;
    tables_[table].first_col = node.first_col;
  }
}

Network::Workspace Network::make_workspace() const {
  Workspace workspace;
  workspace.values.resize(value_floats_);
  workspace.gradients.resize(value_floats_);
  workspace.dense.resize(layout_.dense_size());
  workspace.predictions.resize(kTileRows);
  return workspace;
}

Network::LeafGradients::LeafGradients(const Network& network, std::size_t rows) {
  std::size_t floats = 0;
  for (const Root& root : network.roots_) {
    offsets_.push_back(floats);
    strides_.push_back(root.stride());
    if (root.has_leaf) floats += rows * root.stride();
  }
  data_.resize(floats);
}

}  // namespace nnrec::models
