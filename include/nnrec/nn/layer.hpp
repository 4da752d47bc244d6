#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/math/matrix.hpp"
#include "nnrec/nn/dropout.hpp"
#include "nnrec/nn/parameters.hpp"

namespace nnrec::nn {

using math::ConstMatrix;
using math::Matrix;

class Graph;
class Layer;
class LayerVisitor;

/// A value of a graph, by its number, with its shape: `cols` numbers for each row of a tile or,
/// where fixed_rows is not 0, for each of so many rows. Copy it freely.
struct Value {
  std::size_t index = 0;
  std::size_t cols = 0;
  std::size_t fixed_rows = 0;
  /// Whether anything that is trained lies behind it.
  bool has_gradient = true;
};

/// A list of indices for each of n rows: row i has values[offsets[i] .. offsets[i + 1]).
struct Bags {
  const std::uint32_t* offsets;
  const std::uint32_t* values;
};

/// How a layer over looked-up rows is computed. plain: from a copy of the rows for each rating.
/// factored: a dense layer from the rows' products with its weights, made once for each row that a
/// batch looks up, however many ratings do so; the gradient then stops at the layer's sums, which
/// are added up by row before they meet the weights; equal but for rounding. A dot of rows that
/// nothing else reads: from the rows where their tables are; the gradient stops at the dot, and
/// what a rating gives to a row is made when it is added up; equal to the last bit.
enum class Form { plain, factored };

/// Products of looked-up rows of one table with the weights of a layer.
struct ProjectedRows {
  const float* rows = nullptr;           ///< (slots, units)
  const std::uint32_t* slots = nullptr;  ///< of each look-up from the tile's first row on: of an id
                                         ///< by row, of a bag's members where Bags::values has them
};

/// What layers read of one tile: the batch's columns by number, each from the tile's first row on.
/// Requires: every index is below its table's rows.
struct TileInput {
  std::size_t rows = 0;
  std::uint64_t first_position = 0;       ///< of the first row, in the epoch's order
  const DropoutNoise* dropout = nullptr;  ///< null: predict, nothing falls out
  std::span<const std::uint32_t* const> ids;
  std::span<const Bags> bags;
  std::span<const float* const> scalars;
  Form form = Form::plain;
  std::span<const ProjectedRows> projected{};  ///< in factored form, by the graph's projections
};

/// Memory of one thread that runs a graph; made once by Graph::make_workspace.
struct Workspace {
  math::AlignedVector<float> values;
  math::AlignedVector<float> gradients;
  math::AlignedVector<float> dense;     ///< gradient of the dense blocks, as the layout places them
  math::AlignedVector<float> prepared;  ///< what Graph::prepare made of the parameters
};

/// Where the gradient of a looked-up row stands after Graph::backward: `cols` floats from first_col
/// on of the root's row, see LeafGradients.
struct LeafPlace {
  std::size_t root = 0;
  std::size_t first_col = 0;
  std::size_t cols = 0;
};

/// Gradients of looked-up rows for consecutive rows of a batch, shared by the threads: they are
/// summed by table row only when all tiles are done.
class LeafGradients {
 public:
  LeafGradients(const LeafGradients&) = delete;
  LeafGradients& operator=(const LeafGradients&) = delete;
  /// For at most `rows` rows of a batch, from its first one on. The graph is finished.
  LeafGradients(const Graph& graph, std::size_t rows, Form form = Form::plain);
  /// In memory that ranks share: floats() of it, on a cache line, which outlive it.
  LeafGradients(const Graph& graph, std::size_t rows, Form form, std::span<float> memory);
  static std::size_t floats(const Graph& graph, std::size_t rows, Form form);
  /// From now on: for those from `first_row` on.
  void begin_at(std::size_t first_row) noexcept { first_row_ = first_row; }
  /// Floats from one row to the next.
  std::size_t stride(const LeafPlace& place) const { return strides_[place.root]; }
  std::size_t first_row() const noexcept { return first_row_; }
  /// `row`: of the batch.
  const float* at(const LeafPlace& place, std::size_t row) const {
    return data_.data() + start(place.root, row) + place.first_col;
  }

 private:
  friend class LayerRun;
  std::size_t start(std::size_t root, std::size_t row) const {
    return offsets_[root] + (row - first_row_) * strides_[root];
  }

  std::size_t first_row_ = 0;
  math::AlignedVector<float> own_;
  std::span<float> data_;  ///< own_, or someone's
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> strides_;
};

/// What a layer sees while it runs on one tile: its inputs, its output, their gradients, its
/// parameters. Owns nothing.
class LayerRun {
 public:
  /// `first_row`: of the tile, in the batch. `leaves`: null where only forward() runs.
  LayerRun(const Graph& graph, const ParameterSet& parameters, const TileInput& input,
           Workspace& workspace, LeafGradients* leaves = nullptr, std::size_t first_row = 0)
      : tile(input),
        graph_(graph),
        parameters_(parameters),
        workspace_(workspace),
        leaves_(leaves),
        first_row_(first_row) {}

  const TileInput tile;

  ConstMatrix value(Value value) const;
  /// The same, to be written by its layer.
  Matrix output(Value value) const;
  /// The gradient of a value: read where it is a layer's output, written where it is an input.
  Matrix gradient(Value value) const;
  /// How a layer writes the gradient of an input: alone, or added to what other layers gave.
  math::Write write(Value value) const;

  /// Whether a layer that can (Layer::reads_tables) now does.
  bool reads_tables(const Layer& layer) const;

  ConstMatrix parameter(std::size_t block) const { return parameters_.matrix(block); }
  /// What the layer's prepare() made.
  float* prepared(const Layer& layer) const;
  /// Of a dense block, summed over the tile's rows.
  Matrix parameter_gradient(std::size_t block) const;

 private:
  friend class Graph;
  Matrix root_value(std::size_t root) const;
  Matrix root_gradient(std::size_t root) const;
  Matrix part_of(Matrix root, Value value) const;

  const Graph& graph_;
  const ParameterSet& parameters_;
  Workspace& workspace_;
  LeafGradients* leaves_;
  std::size_t first_row_;
};

/// One operation of a graph, forward and backward side by side in a file of nn/layers. Holds
/// settings and shapes, no parameters and no state: one object serves all threads.
class Layer {
 public:
  /// Where the output may lie. own: in memory of its own. in_place: over the first input, where
  /// nothing else reads that. joined: the inputs side by side inside it, where they lie in no other
  /// value. parameters: it is a block of parameters (block()).
  enum class Placement { own, in_place, joined, parameters };

  virtual ~Layer() = default;

  /// Computes the output from the inputs.
  virtual void forward(const LayerRun& run) const = 0;
  /// From the output's gradient, which it may change, the sums over the tile's rows: sets the
  /// gradient of its parameters, writes (LayerRun::write) those of inputs that have one.
  virtual void backward(const LayerRun& run) const = 0;

  /// Calls what is the visitor's for this kind of layer.
  virtual void visit(LayerVisitor& visitor) const = 0;

  /// Backward may read parameters in another shape, of so many floats, that prepare() makes each
  /// time they have changed.
  virtual std::size_t prepared_floats() const { return 0; }
  virtual void prepare(const ParameterSet&, Form, float* /*prepared*/) const {}

  virtual Placement placement() const { return Placement::own; }
  /// Whether backward adds to rows here and there, so that the inputs' gradients must begin at 0.
  virtual bool scatters() const { return false; }
  /// Whether the output's gradient is kept for the whole batch, where it is summed by table row.
  virtual bool is_leaf(Form) const { return false; }
  virtual std::size_t block() const { return 0; }
  /// Whether factored form may read its inputs, looked-up rows, where their tables are: it does so
  /// where nothing else reads them, and keeps the output's gradient for the batch, not theirs.
  virtual bool reads_tables() const { return false; }

  const std::vector<Value>& inputs() const noexcept { return inputs_; }
  Value output() const noexcept { return output_; }

 protected:
  Layer(std::vector<Value> inputs, Value output) : inputs_(std::move(inputs)), output_(output) {}
  Value input(std::size_t index = 0) const { return inputs_[index]; }

 private:
  friend class Graph;
  friend class LayerRun;
  std::vector<Value> inputs_;
  Value output_;  ///< its index is given by Graph::add
  std::size_t prepared_offset_ = 0;
};

}  // namespace nnrec::nn
