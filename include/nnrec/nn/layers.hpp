#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/range.hpp"
#include "nnrec/nn/layer.hpp"

/// The layers: a function that makes each, a file of src/nn/layers each with forward and backward.
/// n is the number of rows of a tile. Those with parameters add their blocks to the layout. All
/// throw InternalError where shapes do not fit.
namespace nnrec::nn {

using math::Activation;

/// What the sum over a bag of n members is divided by: n or its root.
enum class BagScale { mean, root };

/// A table of `rows` rows, of which a batch looks some up by a column (its number in TileInput).
struct LookupOptions {
  std::string name;
  std::size_t column = 0;
  std::size_t rows = 0;
  std::size_t dim = 0;
  InitialValues initial = InitialValues::embedding;
};
/// y(i, :) = table(id(i), :). Shape (n, dim).
std::unique_ptr<Layer> embedding(ParameterLayout& layout, const LookupOptions& options);
/// y(i, :) = sum of table(j, :) over the members j of bag i, scaled; an empty bag gives 0. (n, dim)
std::unique_ptr<Layer> bag_embedding(ParameterLayout& layout, const LookupOptions& options,
                                     BagScale scale = BagScale::mean);

/// A number of the batch as it is. Shape (n, 1), no gradient.
std::unique_ptr<Layer> scalar(std::size_t column);

/// A whole small table, for layers that transform each of its rows. Shape (rows, dim).
std::unique_ptr<Layer> table(ParameterLayout& layout, const std::string& name, std::size_t rows,
                             std::size_t dim);
/// y(i, :) = mean of x(j, :) over the members j of bag i, of an x made from table(). (n, cols)
std::unique_ptr<Layer> bag_mean(Value x, std::size_t column);

struct DenseOptions {
  /// Columns of x that an id's looked-up rows fill.
  struct Rows {
    Range columns;
    std::size_t projection;  ///< of TileInput::projected
  };
  std::string name;  ///< parameters name.weight and name.bias
  std::size_t units = 0;
  Activation activation = Activation::linear;
  // What it reads as projected rows in factored form, where the gradients of its sums are kept for
  // the batch instead of those rows' own:
  std::vector<Rows> rows{};
  std::vector<Range> bags{};  ///< columns of x that bags fill
};
/// y = activation(x w + bias). Shapes: x (m, k), w (k, units), y (m, units).
/// `bags`: of projected_bag(), for each of the options' bags.
std::unique_ptr<Layer> dense(ParameterLayout& layout, Value x, const DenseOptions& options,
                             const std::vector<Value>& bags = {});

/// A bag's looked-up rows in a layer's input, as that layer's units: in factored form y(i, :) =
/// scaled sum of the projected rows of the members of bag i; in plain form nothing. (n, units)
struct ProjectedBagOptions {
  std::size_t column = 0;      ///< of TileInput::bags
  std::size_t projection = 0;  ///< of TileInput::projected
  std::size_t units = 0;
  BagScale scale = BagScale::mean;
};
std::unique_ptr<Layer> projected_bag(const ProjectedBagOptions& options);

/// y(i, :) = x(i, :) + b, parameter `name` (1, cols), starting at 0.
std::unique_ptr<Layer> bias(ParameterLayout& layout, Value x, const std::string& name);

/// The parts side by side. Shape (n, sum of cols).
std::unique_ptr<Layer> concat(const std::vector<Value>& parts);
/// y = sum of the parts, element by element, in their order. All of one shape.
std::unique_ptr<Layer> add(const std::vector<Value>& parts);
/// Units fall out as DropoutNoise says; nothing does when predicting. 0 < rate < 1. `layer` tells
/// the dropout layers of a model apart.
std::unique_ptr<Layer> dropout(Value x, float rate, std::size_t layer);

/// Where the values of a dot stand, if they are an id's looked-up rows.
struct DotTables {
  struct Rows {
    std::size_t column;  ///< of TileInput::ids
    std::size_t block;
  };
  Rows a;
  Rows b;
};
/// y(i, 0) = dot( a(i, :), b(i, :) ).
std::unique_ptr<Layer> dot(Value a, Value b, const std::optional<DotTables>& tables = {});
/// The factorisation machine's second order: y(i, 0) = sum over pairs f < g of
/// dot( v_f(i, :), v_g(i, :) ), computed as half of |sum of v_f|^2 - sum of |v_f|^2, column by
/// column. Fields of one shape, two or more.
/// Source: Rendle 2010, "Factorization machines", lemma 3.1.
std::unique_ptr<Layer> interaction(const std::vector<Value>& fields);

}  // namespace nnrec::nn
