#pragma once

#include <cstddef>
#include <vector>

#include "nnrec/nn/layers.hpp"

namespace nnrec::nn {

/// What someone does with each kind of layer, who writes a graph down for another program: y is the
/// layer's output, x, a, b and the parts are its inputs, blocks are those of the layout. What each
/// computes stands in nn/layers.hpp.
class LayerVisitor {
 public:
  virtual ~LayerVisitor() = default;
  virtual void embedding(Value y, std::size_t column, std::size_t block) = 0;
  virtual void bag_embedding(Value y, std::size_t column, std::size_t block, BagScale scale) = 0;
  virtual void scalar(Value y, std::size_t column) = 0;
  virtual void table(Value y, std::size_t block) = 0;
  virtual void bag_mean(Value y, Value x, std::size_t column) = 0;
  struct DenseBlocks {
    std::size_t weight = 0;
    std::size_t bias = 0;
    Activation activation = Activation::linear;
  };
  virtual void dense(Value y, Value x, const DenseBlocks& blocks) = 0;
  virtual void bias(Value y, Value x, std::size_t block) = 0;
  virtual void concat(Value y, const std::vector<Value>& parts) = 0;
  virtual void add(Value y, const std::vector<Value>& parts) = 0;
  /// y is x: what does nothing while predicting.
  virtual void same(Value y, Value x) = 0;
  virtual void dot(Value y, Value a, Value b) = 0;
  virtual void interaction(Value y, const std::vector<Value>& fields) = 0;
};

}  // namespace nnrec::nn
