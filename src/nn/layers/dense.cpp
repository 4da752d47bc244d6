#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/range.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

constexpr std::size_t kMostAddends = 64;

class Dense final : public Layer {
 public:
  /// `inputs`: x, then a value for each of the options' bags.
  Dense(const std::vector<Value>& inputs, const DenseOptions& options, std::size_t weight,
        std::size_t bias)
      : Layer(inputs, {.cols = options.units, .fixed_rows = inputs.front().fixed_rows}),
        transposed_{nullptr, options.units, input().cols, input().cols},
        activation_(options.activation),
        rows_(options.rows),
        own_(columns_beside(options)),
        weight_(weight),
        bias_(bias) {}

  bool is_leaf(Form form) const override { return is_factored(form); }

  /// w^T, in whose rows backward's product runs.
  std::size_t prepared_floats() const override { return transposed_.rows * transposed_.cols; }
  void prepare(const ParameterSet& parameters, Form form, float* prepared) const override {
    if (form == Form::factored && own_.empty()) return;
    Matrix transposed = transposed_;
    transposed.data = prepared;
    math::transpose(parameters.matrix(weight_), transposed);
  }

  void forward(const LayerRun& run) const override {
    const Matrix y = run.output(output());
    const float* bias = run.parameter(bias_).data;
    if (!is_factored(run.tile.form)) {
      math::dense(run.value(input()), run.parameter(weight_), bias, activation_, y);
      return;
    }
    for (const Range own : own_) {
      math::product(columns(run.value(input()), own), weight_rows(run, own), y,
                    own.begin == own_.front().begin ? math::Write::set : math::Write::add);
    }
    add_projected(run, bias, y);
  }

  /// dz = dy where y > 0 (relu), else dy; dw = x^T dz, db = column sums of dz, dx = dz w^T.
  void backward(const LayerRun& run) const override {
    const ConstMatrix x = run.value(input());
    const Matrix dz = run.gradient(output());
    float* db = run.parameter_gradient(bias_).data;
    if (activation_ == Activation::relu) {
      math::relu_backward(run.value(output()), dz, db);
    } else {
      math::column_sums(dz, db);
    }
    if (run.tile.form == Form::plain) return backward_columns(run, x, dz, {0, x.cols});
    for (const Range own : own_) backward_columns(run, x, dz, own);
    for (std::size_t i = 1; i < inputs().size(); ++i) {
      math::copy(dz, run.gradient(input(i)), run.write(input(i)));
    }
  }

  void visit(LayerVisitor& visitor) const override {
    visitor.dense(output(), input(), {weight_, bias_, activation_});
  }

 private:
  bool is_factored(Form form) const {
    return form == Form::factored && (!rows_.empty() || inputs().size() > 1);
  }
  /// Columns of x that no projected row stands for, as ranges that do not touch.
  std::vector<Range> columns_beside(const DenseOptions& options) const {
    std::vector<Range> taken = options.bags;
    for (const auto& part : options.rows) taken.push_back(part.columns);
    std::ranges::sort(taken, {}, &Range::begin);
    std::vector<Range> free;
    std::size_t end = 0;
    for (const Range range : taken) {
      if (range.begin > end) free.push_back({end, range.begin});
      end = range.end;
    }
    if (end < input().cols) free.push_back({end, input().cols});
    return free;
  }

  template <typename T>
  static math::BasicMatrix<T> columns(math::BasicMatrix<T> x, Range range) {
    return {x.data + range.begin, x.rows, range.size(), x.stride};
  }
  ConstMatrix weight_rows(const LayerRun& run, Range range) const {
    const ConstMatrix w = run.parameter(weight_);
    return {w.row(range.begin), range.size(), w.cols, w.stride};
  }

  /// y = activation(bias + y, where own columns have given that, + the projected rows).
  void add_projected(const LayerRun& run, const float* bias, Matrix y) const {
    std::array<math::IndexedRows, kMostAddends> addends;
    std::size_t count = 0;
    for (const auto& part : rows_) {
      const ProjectedRows& projected = run.tile.projected[part.projection];
      addends[count++] = {projected.rows, output().cols, projected.slots};
    }
    for (std::size_t i = 1; i < inputs().size(); ++i) {
      const ConstMatrix sums = run.value(input(i));
      addends[count++] = {sums.data, sums.stride, nullptr};
    }
    math::add_rows(bias, std::span(addends).first(count), activation_, y,
                   own_.empty() ? math::Write::set : math::Write::add);
  }

  /// dw = x^T dz and dx = dz w^T, of some columns of x.
  void backward_columns(const LayerRun& run, ConstMatrix x, ConstMatrix dz, Range range) const {
    const Matrix dw = run.parameter_gradient(weight_);
    math::transposed_product(columns(x, range), dz,
                             {dw.row(range.begin), range.size(), dw.cols, dw.stride});
    if (!input().has_gradient) return;
    Matrix transposed = transposed_;
    transposed.data = run.prepared(*this);
    math::product(dz, columns<const float>(transposed, range),
                  columns(run.gradient(input()), range), run.write(input()));
  }

  Matrix transposed_;  ///< the shape of w^T
  Activation activation_;
  std::vector<DenseOptions::Rows> rows_;
  std::vector<Range> own_;  ///< columns of x that are computed from x in factored form too
  std::size_t weight_;
  std::size_t bias_;
};

}  // namespace

std::unique_ptr<Layer> dense(ParameterLayout& layout, Value x, const DenseOptions& options,
                             const std::vector<Value>& bags) {
  if (bags.size() != options.bags.size() || options.rows.size() + bags.size() > kMostAddends) {
    throw InternalError("a dense layer needs a value for each bag that it projects");
  }
  const std::size_t weight = layout.add(options.name + ".weight", x.cols, options.units,
                                        BlockKind::dense, InitialValues::glorot_uniform);
  const std::size_t bias =
      layout.add(options.name + ".bias", 1, options.units, BlockKind::dense, InitialValues::zero);
  std::vector<Value> inputs{x};
  inputs.insert(inputs.end(), bags.begin(), bags.end());
  return std::make_unique<Dense>(inputs, options, weight, bias);
}

}  // namespace nnrec::nn
