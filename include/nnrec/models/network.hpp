#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "nnrec/features/batch.hpp"
#include "nnrec/math/aligned.hpp"
#include "nnrec/nn/layers.hpp"
#include "nnrec/nn/parameters.hpp"

namespace nnrec::models {

using nn::Activation;

/// Rows of a batch that are computed together: the unit of work that threads and ranks receive
/// whole, and inside which sums are plain float sums. Part of what decides the bits.
inline constexpr std::size_t kTileRows = 64;
/// Tiles of a batch of `rows` rows; the last may be short.
constexpr std::size_t tile_count(std::size_t rows) {
  return (rows + kTileRows - 1) / kTileRows;
}

/// Rows [first_row, first_row + rows) of a batch; rows <= kTileRows.
struct Tile {
  const features::Batch* batch = nullptr;
  std::size_t first_row = 0;
  std::size_t rows = 0;
  std::uint64_t first_position = 0;           ///< of first_row, in the epoch's order
  const nn::DropoutNoise* dropout = nullptr;  ///< null: predict, nothing falls out
};

/// The column of a batch that looks rows of a table up.
using LookupColumn = std::variant<features::IdColumn, features::BagColumn>;

/// A table that is looked up by a column of the batch, and where the gradient of each looked-up row
/// stands after Network::gradient: cols floats a batch row at leaf(row) of LeafGradients.
struct TableUse {
  std::size_t block = 0;
  LookupColumn column;
  std::size_t root = 0;
  std::size_t first_col = 0;
  std::size_t cols = 0;
};

/// A value of the network under construction; copy it freely.
struct Value {
  std::size_t node = 0;
};

/// A rating model as a list of layers, written as its diagram is drawn and run on tiles, forward
/// and backward. Holds shapes, no parameters and no state: one object serves all threads. Build:
/// call the layer members, each value used once, then rating(). After that: run.
class Network {
 public:
  // --- the layers of a diagram ---
  /// table(column, :), an embedding of `rows` rows. Shape (n, dim).
  Value embedding(const std::string& name, features::IdColumn column, std::size_t rows,
                  std::size_t dim);
  /// Mean of table(j, :) over the bag's members j. Shape (n, dim).
  Value bag_embedding(const std::string& name, features::BagColumn column, std::size_t rows,
                      std::size_t dim);
  /// A number of the batch as it is. Shape (n, 1).
  Value scalar(features::ScalarColumn column);
  /// A whole small table, for layers that transform each of its rows. Shape (rows, dim).
  Value table(const std::string& name, std::size_t rows, std::size_t dim);
  /// Mean of value(j, :) over the bag's members j, of a value made from table(). Shape (n, cols).
  Value bag_mean(Value value, features::BagColumn column);
  /// activation(x w + b), parameters name.weight and name.bias. Shape (rows of x, units).
  Value dense(const std::string& name, Value x, std::size_t units, Activation activation);
  Value concat(const std::vector<Value>& parts);
  /// Inactive when predicting, and left out when rate is 0.
  Value dropout(Value x, float rate);
  Value dot(Value a, Value b);
  /// Names the prediction: a value of shape (n, 1). Ends the building.
  void rating(Value prediction);

  // --- what train asks ---
  const nn::ParameterLayout& layout() const noexcept { return layout_; }
  const features::ColumnSet& columns() const noexcept { return columns_; }
  const std::vector<TableUse>& tables() const noexcept { return tables_; }

  /// Memory for one thread; made once, nothing is allocated while running.
  struct Workspace {
    math::AlignedVector<float> values;
    math::AlignedVector<float> gradients;
    math::AlignedVector<float> dense;  ///< gradient of the dense blocks, as layout() places them
    std::vector<float> predictions;    ///< of the last tile
  };
  Workspace make_workspace() const;
  bool has_dropout() const noexcept { return dropout_layers_ > 0; }

  /// Gradients of looked-up rows for consecutive rows of a batch, shared by the threads.
  class LeafGradients {
   public:
    /// For at most `rows` rows of a batch, from its first one on.
    LeafGradients(const Network& network, std::size_t rows);
    /// From now on: for those from `first_row` on.
    void begin_at(std::size_t first_row) noexcept { first_row_ = first_row; }
    /// `row`: of the batch.
    const float* leaf(const TableUse& use, std::size_t row) const {
      return data_.data() + start(use.root, row) + use.first_col;
    }

   private:
    friend class Network;
    std::size_t start(std::size_t root, std::size_t row) const {
      return offsets_[root] + (row - first_row_) * strides_[root];
    }
    std::size_t first_row_ = 0;
    math::AlignedVector<float> data_;
    std::vector<std::size_t> offsets_;
    std::vector<std::size_t> strides_;
  };

  /// Predicts the tile's ratings into workspace.predictions.
  void predict(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace) const;

  /// Predicts, and returns the squared error summed over the tile's rows. Leaves the gradient of
  /// that sum in workspace.dense (overwritten) and, for looked-up rows, in `leaves` at the tile's
  /// rows.
  double gradient(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace,
                  LeafGradients& leaves) const;

 private:
  enum class Op { embedding, bag_embedding, scalar, table, bag_mean, dense, concat, dropout, dot };
  /// A piece of storage: values of one or more nodes side by side (the parts of a concat share
  /// one).
  struct Root {
    std::size_t fixed_rows = 0;  ///< 0: a row for each row of the tile
    std::size_t cols = 0;
    bool has_leaf = false;  ///< gradient kept for the whole batch
    std::size_t offset = 0;
    std::size_t stride() const { return math::round_up(cols, math::kAlignmentFloats); }
    std::size_t rows() const { return fixed_rows == 0 ? kTileRows : fixed_rows; }
  };
  struct Node {
    Op op;
    std::vector<std::size_t> inputs;
    std::size_t root = 0;
    std::size_t first_col = 0;
    std::size_t cols = 0;
    std::size_t column = 0;  ///< of the batch, for lookups and scalars
    std::size_t block = 0;   ///< table, or weight (its bias is the next block)
    Activation activation = Activation::linear;
    float rate = 0.0F;
    std::size_t dropout_layer = 0;
    bool needs_gradient = true;
    bool used = false;
  };

  Value add(Node node, std::size_t fixed_rows);
  Value lookup(Op op, const std::string& name, const LookupColumn& column, std::size_t rows,
               std::size_t dim);
  void use(Value value);
  std::size_t rows_of(const Node& node) const { return roots_[node.root].fixed_rows; }

  math::Matrix values_of(const Node& node, const Tile& tile, Workspace& workspace) const;
  math::Matrix gradient_of(const Node& node, const Tile& tile, Workspace& workspace,
                           LeafGradients& leaves) const;
  math::ConstMatrix input_of(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                             Workspace& workspace) const;
  math::Matrix dense_gradient(std::size_t block, Workspace& workspace) const;
  nn::Bags bags_of(const Node& node, const Tile& tile) const;
  void forward(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
               Workspace& workspace) const;
  void backward(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                Workspace& workspace, LeafGradients& leaves) const;
  void backward_dense(const Node& node, const nn::ParameterSet& parameters, const Tile& tile,
                      Workspace& workspace, LeafGradients& leaves) const;

  nn::ParameterLayout layout_;
  features::ColumnSet columns_;
  std::vector<TableUse> tables_;
  std::vector<std::size_t> lookup_nodes_;  ///< the node of each of tables_
  std::vector<Root> roots_;
  std::vector<Node> nodes_;
  std::size_t dropout_layers_ = 0;
  std::size_t value_floats_ = 0;
  std::size_t rating_node_ = 0;
};

}  // namespace nnrec::models
