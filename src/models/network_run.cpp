#include <algorithm>

#include "nnrec/models/network.hpp"

namespace nnrec::models {

using math::ConstMatrix;
using math::Matrix;

Matrix Network::values_of(const Node& node, const Tile& tile, Workspace& workspace) const {
  const Root& root = roots_[node.root];
  const std::size_t rows = root.fixed_rows == 0 ? tile.rows : root.fixed_rows;
  return {workspace.values.data() + root.offset + node.first_col, rows, node.cols, root.stride()};
}

Matrix Network::gradient_of(const Node& node, const Tile& tile, Workspace& workspace,
                            LeafGradients& leaves) const {
  if (!node.needs_gradient) return {};
  if (node.op == Op::table) return dense_gradient(node.block, workspace);
  const Root& root = roots_[node.root];
  const std::size_t rows = root.fixed_rows == 0 ? tile.rows : root.fixed_rows;
  float* start = root.has_leaf ? leaves.data_.data() + leaves.start(node.root, tile.first_row)
                               : workspace.gradients.data() + root.offset;
  return {start + node.first_col, rows, node.cols, root.stride()};
}

ConstMatrix Network::input_of(const Node& node, const nn::ParameterSet& parameters,
                              const Tile& tile, Workspace& workspace) const {
  const Node& input = nodes_[node.inputs[0]];
  if (input.op == Op::table) return parameters.matrix(input.block);
  return values_of(input, tile, workspace);
}

Matrix Network::dense_gradient(std::size_t block, Workspace& workspace) const {
  const nn::Block& b = layout_[block];
  return {workspace.dense.data() + b.dense_offset, b.rows, b.cols, b.cols};
}

nn::Bags Network::bags_of(const Node& node, const Tile& tile) const {
  const features::BagValues& bags = tile.batch->bags[node.column];
  return {bags.offsets.data() + tile.first_row, bags.values.data()};
}

void Network::forward(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                      Workspace& workspace) const {
  const Matrix y = values_of(node, tile, workspace);
  switch (node.op) {
    case Op::embedding:
      nn::embedding_forward(parameters.matrix(node.block),
                            tile.batch->ids[node.column].data() + tile.first_row, y);
      break;
    case Op::bag_embedding:
      nn::bag_mean_forward(parameters.matrix(node.block), bags_of(node, tile), y);
      break;
    case Op::scalar: {
      const float* scalars = tile.batch->scalars[node.column].data() + tile.first_row;
      for (std::size_t r = 0; r < tile.rows; ++r) y.row(r)[0] = scalars[r];
      break;
    }
    case Op::bag_mean:
      nn::bag_mean_forward(input_of(node, parameters, tile, workspace), bags_of(node, tile), y);
      break;
    case Op::dense:
      nn::dense_forward(input_of(node, parameters, tile, workspace), parameters.matrix(node.block),
                        parameters.values(node.block + 1).data(), node.activation, y);
      break;
    case Op::dropout:
      if (tile.dropout != nullptr) {
        tile.dropout->apply(node.rate, node.dropout_layer, tile.first_position, y);
      }
      break;
    case Op::dot:
      nn::dot_forward(values_of(nodes_[node.inputs[0]], tile, workspace),
                      values_of(nodes_[node.inputs[1]], tile, workspace), y);
      break;
    case Op::table:
    case Op::concat:
      break;  // the parameters themselves; the parts wrote into it
  }
}

void Network::backward(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                       Workspace& workspace, LeafGradients& leaves) const {
  const Matrix dy = gradient_of(node, tile, workspace, leaves);
  switch (node.op) {
    case Op::bag_embedding:
      nn::bag_mean_backward(bags_of(node, tile), dy);
      break;
    case Op::bag_mean: {
      const Matrix dtable = gradient_of(nodes_[node.inputs[0]], tile, workspace, leaves);
      for (std::size_t r = 0; r < dtable.rows; ++r) std::fill_n(dtable.row(r), dtable.cols, 0.0F);
      nn::bag_mean_backward(bags_of(node, tile), dy);
      nn::bag_mean_scatter(bags_of(node, tile), dy, dtable);
      break;
    }
    case Op::dense:
      backward_dense(node, parameters, tile, workspace, leaves);
      break;
    case Op::dropout:
      if (tile.dropout != nullptr) {
        tile.dropout->apply(node.rate, node.dropout_layer, tile.first_position, dy);
      }
      break;
    case Op::dot: {
      const Node& a = nodes_[node.inputs[0]];
      const Node& b = nodes_[node.inputs[1]];
      nn::dot_backward(values_of(a, tile, workspace), values_of(b, tile, workspace), dy,
                       gradient_of(a, tile, workspace, leaves),
                       gradient_of(b, tile, workspace, leaves));
      break;
    }
    case Op::embedding:
    case Op::scalar:
    case Op::table:
    case Op::concat:
      break;  // leaves keep what they received; the parts share the whole's gradient
  }
}

void Network::backward_dense(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                             Workspace& workspace, LeafGradients& leaves) const {
  const nn::DenseGradient gradient{dense_gradient(node.block, workspace),
                                   dense_gradient(node.block + 1, workspace).data,
                                   gradient_of(nodes_[node.inputs[0]], tile, workspace, leaves)};
  nn::dense_backward(input_of(node, parameters, tile, workspace), parameters.matrix(node.block),
                     values_of(node, tile, workspace), node.activation,
                     gradient_of(node, tile, workspace, leaves), gradient);
}

void Network::predict(const nn::ParameterSet& parameters, const Tile& tile,
                      Workspace& workspace) const {
  for (const Node& node : nodes_) forward(node, parameters, tile, workspace);
  const Matrix y = values_of(nodes_[rating_node_], tile, workspace);
  for (std::size_t r = 0; r < tile.rows; ++r) workspace.predictions[r] = y.row(r)[0];
}

double Network::gradient(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace,
                         LeafGradients& leaves) const {
  predict(parameters, tile, workspace);
  const Matrix dy = gradient_of(nodes_[rating_node_], tile, workspace, leaves);
  double squared_error = 0.0;
  for (std::size_t r = 0; r < tile.rows; ++r) {
    const float error = workspace.predictions[r] - tile.batch->rating[tile.first_row + r];
    squared_error += static_cast<double>(error) * static_cast<double>(error);
    dy.row(r)[0] = 2.0F * error;
  }
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    backward(*node, parameters, tile, workspace, leaves);
  }
  return squared_error;
}

}  // namespace nnrec::models
