#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "nnrec/models/network.hpp"

namespace nnrec::testing {

/// The naive twin of train's GradientSum: gradient of the squared error, summed over the whole
/// batch in double, as large as the parameters. [block][element]
struct WholeGradient {
  double squared_error = 0;
  std::vector<float> predictions;
  std::vector<std::vector<double>> blocks;
};

inline void scatter_table(const models::Network& network, const models::TableUse& use,
                          const nn::LeafGradients& leaves, const features::Batch& batch,
                          std::size_t row, std::vector<double>& gradient) {
  std::vector<std::uint32_t> looked_up;
  if (const auto* id = std::get_if<features::IdColumn>(&use.column)) {
    looked_up.push_back(batch[*id][row]);
  } else {
    const auto& bags = batch[std::get<features::BagColumn>(use.column)];
    looked_up.assign(bags.values.begin() + bags.offsets[row],
                     bags.values.begin() + bags.offsets[row + 1]);
  }
  const std::size_t cols = network.layout()[use.block].cols;
  for (const std::uint32_t table_row : looked_up) {
    for (std::size_t c = 0; c < cols; ++c) {
      gradient[table_row * cols + c] += static_cast<double>(leaves.at(use.leaf, row)[c]);
    }
  }
}

inline WholeGradient whole_gradient(const models::Network& network,
                                    const nn::ParameterSet& parameters,
                                    const features::Batch& batch, const nn::DropoutNoise* dropout) {
  WholeGradient result;
  for (const auto& block : network.layout().blocks()) result.blocks.emplace_back(block.size(), 0.0);
  auto workspace = network.make_workspace();
  network.prepare(parameters, nn::Form::plain, workspace);
  nn::LeafGradients leaves(network.graph(), batch.rows);
  for (std::size_t first = 0; first < batch.rows; first += models::kTileRows) {
    const std::size_t rows = std::min(models::kTileRows, batch.rows - first);
    result.squared_error +=
        network.gradient(parameters, {&batch, first, rows, first, dropout}, workspace, leaves);
    result.predictions.insert(result.predictions.end(), workspace.predictions.begin(),
                              workspace.predictions.begin() + static_cast<std::ptrdiff_t>(rows));
    for (std::size_t block = 0; block < result.blocks.size(); ++block) {
      const auto& b = network.layout()[block];
      if (b.kind != nn::BlockKind::dense) continue;
      for (std::size_t i = 0; i < b.size(); ++i) {
        result.blocks[block][i] += static_cast<double>(workspace.dense[b.dense_offset + i]);
      }
    }
  }
  for (const auto& use : network.tables()) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      scatter_table(network, use, leaves, batch, row, result.blocks[use.block]);
    }
  }
  return result;
}

}  // namespace nnrec::testing
