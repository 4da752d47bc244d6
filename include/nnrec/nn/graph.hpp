#pragma once

#include <memory>
#include <vector>

#include "nnrec/nn/layer.hpp"

namespace nnrec::nn {

/// Rows of a batch that are computed together: the unit of work that threads and ranks receive
/// whole, and inside which sums are plain float sums. Part of what decides the bits.
inline constexpr std::size_t kTileRows = 64;

/// Layers in the order of a diagram, and where their values lie in memory. A value may be used as
/// often as the diagram says: the gradients of its uses are added, those of later layers first.
/// Build: add() layers, then finish(). After that the graph is constant: one serves all threads.
class Graph {
 public:
  /// Returns the layer's output, to be used by layers that are added later.
  Value add(std::unique_ptr<Layer> layer);
  /// One use of `lookup` reads projected rows in factored form. Returns their number in
  /// TileInput::projected.
  std::size_t project(Value lookup);
  /// Places all values. Throws InternalError: a value is never used, or `result` is used by a layer
  /// or is not one number a row of the tile.
  void finish(const ParameterLayout& layout, Value result);

  Workspace make_workspace() const;
  LeafPlace leaf(Value value) const;
  /// Whether all uses of a looked-up value read projected rows in factored form: it then has no
  /// gradient of its own.
  bool is_only_projected(Value lookup) const { return is_only_projected_.at(lookup.index); }
  /// Whether the layer of this output reads its inputs from their tables in factored form: their
  /// gradient is made of its own.
  bool reads_tables(Value output) const { return reads_tables_.at(output.index); }

  /// All layers in their order.
  void visit(LayerVisitor& visitor) const {
    for (const auto& layer : layers_) layer->visit(visitor);
  }

  /// Computes all values of the run's tile; rows <= kTileRows.
  void forward(const LayerRun& run) const;
  /// Makes what backward() reads of these parameters in another shape, in the workspace. After each
  /// change of them, for each workspace.
  void prepare(const ParameterSet& parameters, Form form, Workspace& workspace) const;
  /// Before the gradient of the result is set, after forward().
  void begin_backward(const LayerRun& run) const;
  /// From the gradient of the result, those of all parameters: sums over the tile's rows in the
  /// run's workspace, and looked-up rows' in its LeafGradients.
  void backward(const LayerRun& run) const;

 private:
  friend class LayerRun;
  friend class LeafGradients;
  /// A piece of memory with one row stride: values of one or more layers, side by side or in place.
  struct Root {
    std::size_t cols = 0;
    std::size_t fixed_rows = 0;  ///< 0: a row for each row of the tile
    bool has_leaf[2] = {};       ///< by form: gradient kept for the whole batch
    bool is_parameters = false;
    std::size_t block = 0;        ///< where is_parameters
    bool begins_at_zero = false;  ///< its gradient: several layers add to it
    std::size_t offset = 0;
    /// Rows begin on cache lines; single numbers lie close together.
    std::size_t stride() const {
      return cols == 1 ? 1 : math::round_up(cols, math::kAlignmentFloats);
    }
    std::size_t rows() const { return fixed_rows == 0 ? kTileRows : fixed_rows; }
    std::size_t floats(std::size_t of_rows) const {
      return math::round_up(of_rows * stride(), math::kAlignmentFloats);
    }
    bool is_kept(Form form) const { return has_leaf[static_cast<std::size_t>(form)]; }
  };
  struct Place {
    std::size_t root = 0;
    std::size_t first_col = 0;
  };

  std::vector<std::size_t> count_uses(Value result) const;
  void find_skipped(const std::vector<std::size_t>& uses);
  void clear_beside_projected();
  void place(const Layer& layer, const std::vector<std::size_t>& uses);
  void join(const Layer& layer);
  void count_writers(Value result);
  bool is_read_besides(std::size_t root, const std::vector<std::size_t>& uses) const;
  bool is_part_of(const Layer& layer, std::size_t input) const;

  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Place> places_;  ///< by value
  std::vector<Root> roots_;
  std::vector<std::size_t> cleared_;  ///< roots whose gradient begins at zero
  std::vector<Value> projected_;
  std::vector<char> is_only_projected_;  ///< by value
  std::vector<char> reads_tables_;       ///< by the layer's output
  std::vector<char> is_skipped_;         ///< by value: look-ups that factored form leaves out
  std::vector<Block> blocks_;            ///< of the layout
  std::size_t value_floats_ = 0;
  std::size_t dense_floats_ = 0;
  std::size_t prepared_floats_ = 0;
  Value result_;
};

}  // namespace nnrec::nn
