#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nnrec/base/random.hpp"
#include "nnrec/nn/graph.hpp"
#include "nnrec/nn/layers.hpp"

#include "support/finite_difference.hpp"

namespace nnrec::testing {

/// A small graph on one tile of five rows, to check layers by. id column 0 and 1, bag column 0
/// (with a repeated member, an empty bag, a long one) index tables of kTableRows rows; scalar
/// column 0.
class GraphCheck {
 public:
  static constexpr std::size_t kRows = 5;
  static constexpr std::size_t kTableRows = 6;

  nn::ParameterLayout layout;

  nn::Value add(std::unique_ptr<nn::Layer> layer) { return graph_.add(std::move(layer)); }
  /// Rows of a table of its own, looked up by id column `column`.
  nn::Value rows(const std::string& name, std::size_t dim, std::size_t column = 0) {
    tables_.push_back({layout.blocks().size(), column, false});
    values_.push_back(add(nn::embedding(layout, {name, column, kTableRows, dim})));
    return values_.back();
  }
  nn::Value bag_rows(const std::string& name, std::size_t dim,
                     nn::BagScale scale = nn::BagScale::mean) {
    tables_.push_back({layout.blocks().size(), 0, true});
    values_.push_back(add(nn::bag_embedding(layout, {name, 0, kTableRows, dim}, scale)));
    return values_.back();
  }
  /// One number a row out of a wider value: its dot product with rows of another table.
  nn::Value narrow(nn::Value x) {
    return add(nn::dot(x, rows("narrow" + std::to_string(x.index), x.cols, 1)));
  }

  void finish(nn::Value result) {
    result_ = result;
    graph_.finish(layout, result);
    parameters_.emplace(layout);
    for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
      const CounterRandom random(7, Purpose::synthetic, b);
      auto values = parameters_->values(b);
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = 2.0F * random.uniform_float(i) - 1.0F;
      }
    }
    workspace_ = graph_.make_workspace();
  }

  std::span<float> parameter(std::size_t block) { return parameters_->values(block); }
  std::uint32_t id(std::size_t column, std::size_t row) const { return ids_[column][row]; }
  void set_dropout(const nn::DropoutNoise* dropout) { dropout_ = dropout; }

  std::vector<float> predict() {
    const nn::LayerRun run(graph_, *parameters_, tile(), workspace_);
    graph_.forward(run);
    std::vector<float> y;
    for (std::size_t r = 0; r < kRows; ++r) y.push_back(run.value(result_).row(r)[0]);
    return y;
  }

  /// Compares the gradient of a weighted sum of the results with finite differences, for every
  /// parameter.
  void expect_gradients(float h = 1e-2F) {
    const auto loss = [&] {
      const auto y = predict();
      double sum = 0;
      for (std::size_t r = 0; r < kRows; ++r) sum += static_cast<double>(y[r] * kWeights[r]);
      return sum;
    };
    nn::LeafGradients leaves(graph_, kRows);
    const nn::LayerRun run(graph_, *parameters_, tile(), workspace_, &leaves, 0);
    graph_.prepare(*parameters_, nn::Form::plain, workspace_);
    graph_.forward(run);
    graph_.begin_backward(run);
    for (std::size_t r = 0; r < kRows; ++r) run.gradient(result_).row(r)[0] = kWeights[r];
    graph_.backward(run);
    const auto gradients = whole_gradients(leaves);
    for (std::size_t b = 0; b < gradients.size(); ++b) {
      SCOPED_TRACE(layout[b].name);
      expect_gradient(parameters_->values(b), gradients[b], loss, 1, h);
    }
  }

 private:
  struct Table {
    std::size_t block;
    std::size_t column;
    bool is_bag;
  };
  static constexpr float kWeights[kRows] = {1.0F, -0.5F, 2.0F, 0.25F, -1.5F};

  nn::TileInput tile() const { return {kRows, 0, dropout_, id_columns_, bag_columns_, scalars_}; }

  std::vector<std::vector<float>> whole_gradients(const nn::LeafGradients& leaves) const {
    std::vector<std::vector<float>> gradients;
    for (const nn::Block& block : layout.blocks()) {
      gradients.emplace_back(block.size(), 0.0F);
      if (block.kind != nn::BlockKind::dense) continue;
      std::copy_n(workspace_.dense.data() + block.dense_offset, block.size(),
                  gradients.back().begin());
    }
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      const nn::LeafPlace place = graph_.leaf(values_[t]);
      const auto add_row = [&](std::uint32_t table_row, std::size_t row) {
        for (std::size_t c = 0; c < place.cols; ++c) {
          gradients[tables_[t].block][table_row * place.cols + c] += leaves.at(place, row)[c];
        }
      };
      for (std::size_t r = 0; r < kRows; ++r) {
        if (!tables_[t].is_bag) {
          add_row(ids_[tables_[t].column][r], r);
          continue;
        }
        for (std::uint32_t i = offsets_[r]; i < offsets_[r + 1]; ++i) add_row(members_[i], r);
      }
    }
    return gradients;
  }

  const std::vector<std::vector<std::uint32_t>> ids_{{4, 0, 4, 2, 1}, {1, 5, 0, 3, 3}};
  const std::vector<std::uint32_t> offsets_{0, 3, 3, 4, 9, 10};
  const std::vector<std::uint32_t> members_{2, 5, 2, 0, 1, 2, 3, 4, 5, 3};
  const std::vector<float> numbers_{0.5F, -1.0F, 2.0F, 0.0F, 1.5F};
  const std::vector<const std::uint32_t*> id_columns_{ids_[0].data(), ids_[1].data()};
  const std::vector<nn::Bags> bag_columns_{{offsets_.data(), members_.data()}};
  const std::vector<const float*> scalars_{numbers_.data()};
  const nn::DropoutNoise* dropout_ = nullptr;

  nn::Graph graph_;
  std::vector<Table> tables_;
  std::vector<nn::Value> values_;
  nn::Value result_;
  std::optional<nn::ParameterSet> parameters_;
  nn::Workspace workspace_;
};

}  // namespace nnrec::testing
