#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "nnrec/base/random.hpp"
#include "nnrec/features/batch.hpp"
#include "nnrec/nn/graph.hpp"
#include "nnrec/nn/layers.hpp"
#include "nnrec/nn/ordinal.hpp"

namespace nnrec::models {

using nn::Activation;
using nn::InitialValues;
using nn::kTileRows;
using nn::Value;

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
  nn::Form form = nn::Form::plain;
  std::span<const nn::ProjectedRows> projected{};  ///< in factored form: slots from first_row on
};

/// The column of a batch that looks rows of a table up.
using LookupColumn = std::variant<features::IdColumn, features::BagColumn>;

/// A layer that reads the rows of one table, in factored form as their products with its weights.
struct Projection {
  std::size_t weight = 0;     ///< block (inputs, units)
  std::size_t first_row = 0;  ///< of the weights that meet a row of the table
  std::size_t number = 0;     ///< in nn::TileInput::projected
  nn::LeafPlace leaf;         ///< gradient of the layer's sums: `units` numbers
};

/// A dot of looked-up rows of two tables, which in factored form reads them where they are: to a
/// row of one a rating gives its dy times the row of the other.
struct RowDot {
  std::size_t other = 0;  ///< table, in Network::tables()
  nn::LeafPlace leaf;     ///< dy
};

/// A table that is looked up by a column of the batch, and where the gradient of each looked-up row
/// stands after Network::gradient.
struct TableUse {
  std::size_t block = 0;
  LookupColumn column;
  nn::LeafPlace leaf;  ///< of the row itself
  std::optional<Projection> projection{};
  bool is_only_projected = false;  ///< factored form writes nothing to `leaf`
  std::optional<RowDot> dot{};     ///< that alone reads it; `leaf` is written in plain form only

  // In factored form, what is summed for a looked-up row: its own gradient, then its projection's.
  std::size_t own_cols() const { return is_only_projected ? 0 : leaf.cols; }
  std::size_t sum_cols() const { return own_cols() + (projection ? projection->leaf.cols : 0); }
};

/// A block whose rows stand for the values of a column.
struct NamedRows {
  std::size_t block = 0;
  LookupColumn column;
};

/// A rating model as a list of layers, written as its diagram is drawn and run on tiles, forward
/// and backward. Holds shapes, no parameters and no state: one object serves all threads. Build:
/// call the layer members, then rating(). After that: run. What each layer computes stands in
/// nn/layers.hpp.
class Network {
 public:
  // --- the layers of a diagram ---
  Value embedding(const std::string& name, features::IdColumn column, std::size_t rows,
                  std::size_t dim, InitialValues initial = InitialValues::embedding);
  Value bag_embedding(const std::string& name, features::BagColumn column, std::size_t rows,
                      std::size_t dim, InitialValues initial = InitialValues::embedding,
                      nn::BagScale scale = nn::BagScale::mean);
  Value scalar(features::ScalarColumn column);
  /// All rows at once, of which `column` has the indices.
  Value table(const std::string& name, features::BagColumn column, std::size_t rows,
              std::size_t dim);
  Value bag_mean(Value x, features::BagColumn column);
  Value dense(const std::string& name, Value x, std::size_t units, Activation activation);
  /// The same of concat( parts ): looked-up rows among them are multiplied once a row (nn::Form).
  Value dense(const std::string& name, const std::vector<Value>& parts, std::size_t units,
              Activation activation);
  Value bias(const std::string& name, Value x);
  Value concat(const std::vector<Value>& parts);
  /// Of values of one shape: "sum of fields" in a factorisation machine's diagram.
  Value add(const std::vector<Value>& parts);
  /// Left out when rate is 0.
  Value dropout(Value x, float rate);
  Value dot(Value a, Value b);
  Value interaction(const std::vector<Value>& fields);
  /// Names the prediction: a value of shape (n, 1) that no layer uses, beside a constant that is
  /// not trained. Where there are levels of ratings, it is the score of nn::Ordinal, whose
  /// parameters are the block "ordinal", and the rating the expected one. Ends the building.
  void rating(Value prediction, float constant = 0.0F, const std::vector<float>& levels = {});

  // --- what train asks ---
  const nn::ParameterLayout& layout() const noexcept { return layout_; }
  const features::ColumnSet& columns() const noexcept { return columns_; }
  const std::vector<TableUse>& tables() const noexcept { return tables_; }
  /// Of the tables that have one, in their numbers' order: indices of tables().
  const std::vector<std::size_t>& projected_tables() const noexcept { return projected_tables_; }
  /// In which its gradient is computed where looked-up rows are at hand.
  nn::Form form() const;
  /// Of every table, looked up or whole.
  const std::vector<NamedRows>& named_rows() const noexcept { return named_rows_; }
  const nn::Graph& graph() const noexcept { return graph_; }
  /// The rating: this value of the graph, and a constant that is added to it.
  Value rating_value() const noexcept { return rating_; }
  float constant() const noexcept { return constant_; }
  bool has_dropout() const noexcept { return dropout_layers_ > 0; }
  /// What makes ratings of scores, with its block; none: ratings are scores.
  const std::optional<nn::Ordinal>& ordinal() const noexcept { return ordinal_; }
  std::size_t ordinal_block() const noexcept { return ordinal_block_; }

  /// Memory for one thread; made once, nothing is allocated while running.
  struct Workspace : nn::Workspace {
    std::vector<float> predictions;  ///< of the last tile
    /// Of ratings on levels around them; for who makes room for kTileRows.
    std::vector<float> variances;
  };
  Workspace make_workspace() const;

  /// Predicts the tile's ratings into workspace.predictions.
  void predict(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace) const;

  /// Before gradient(), each time that the parameters have changed, for each workspace.
  void prepare(const nn::ParameterSet& parameters, nn::Form form, Workspace& workspace) const {
    graph_.prepare(parameters, form, workspace);
  }
  /// Predicts, and returns the squared error summed over the tile's rows. Leaves the gradient of
  /// that sum, with levels that of -2 log likelihood, in workspace.dense (overwritten) and, for
  /// looked-up rows, in `leaves` at the tile's rows. In the tile's form, which is that of `leaves`
  /// and of prepare(); in factored form the weights that meet projected rows keep what
  /// workspace.dense held.
  double gradient(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace,
                  nn::LeafGradients& leaves) const;
  /// As gradient(), of the sum of the tile's predictions, each with the sign that `signs` has for
  /// its position in the epoch's order; with levels, of scores times the root of what a rating
  /// tells of them.
  void probe(const nn::ParameterSet& parameters, const Tile& tile, const CounterRandom& signs,
             Workspace& workspace, nn::LeafGradients& leaves) const;

 private:
  template <typename Column>
  nn::LookupOptions lookup(const std::string& name, Column column, std::size_t rows,
                           std::size_t dim, InitialValues initial);
  Value add_table(std::unique_ptr<nn::Layer> layer, const LookupColumn& column);
  struct FirstLayer;
  void project(Value part, Range columns, std::size_t units, FirstLayer& layer);
  std::optional<std::size_t> table_of(Value lookup) const;
  void pair_dots();
  void score(const nn::LayerRun& run, Workspace& workspace) const;
  template <typename Derive>
  void run_backward(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace,
                    nn::LeafGradients& leaves, const Derive& derive) const;
  double squared_error(std::span<const float> ratings, Workspace& workspace, math::Matrix dy) const;

  nn::ParameterLayout layout_;
  features::ColumnSet columns_;
  nn::Graph graph_;
  std::vector<TableUse> tables_;
  std::vector<NamedRows> named_rows_;
  std::vector<Value> lookups_;         ///< of each of tables_
  std::vector<Value> projected_sums_;  ///< by projection: whose gradient is its leaf
  std::vector<std::size_t> projected_tables_;
  /// A dot and the tables of the rows that it is of.
  struct Dot {
    Value value;
    std::size_t a;
    std::size_t b;
  };
  std::vector<Dot> dots_;
  std::vector<std::optional<nn::BagScale>> bag_scales_;  ///< of each of tables_, if it is of bags
  std::size_t dropout_layers_ = 0;
  Value rating_;
  float constant_ = 0.0F;
  std::optional<nn::Ordinal> ordinal_;
  std::size_t ordinal_block_ = 0;
};

}  // namespace nnrec::models
