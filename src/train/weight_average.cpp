#include "nnrec/train/weight_average.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nnrec/base/per_processor.hpp"

namespace nnrec::train {
namespace {

/// Elements that one piece of work covers, at least.
constexpr std::size_t kPieceElements = 8192;

struct Piece {
  std::size_t block;
  Range rows;
};

NNREC_PER_PROCESSOR
void add_part(float part, std::span<const float> w, float* average) {
  for (std::size_t i = 0; i < w.size(); ++i)
    average[i] = std::fma(part, w[i] - average[i], average[i]);
}

}  // namespace

void WeightAverage::add(const nn::ParameterSet& parameters, std::uint64_t step,
                        const Station& station, nn::ParameterSet& average) const {
  const auto n = static_cast<double>(step);
  const auto part = static_cast<float>(1 - std::min(decay_, (n - 1) / (n + 9)));
  const auto& blocks = parameters.layout().blocks();
  std::vector<Piece> pieces;
  std::size_t number = 0;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const std::size_t most = (kPieceElements + blocks[block].cols - 1) / blocks[block].cols;
    station.for_own_pieces(blocks[block].rows, most, number, [&](Range rows) {
      pieces.push_back({block, rows});
    });
  }
  team_.for_each(pieces.size(), [&](std::size_t piece, std::size_t) {
    const std::size_t block = pieces[piece].block;
    const std::size_t cols = blocks[block].cols;
    const auto add_rows = [&](Range rows) {
      add_part(part, parameters.values(block).subspan(rows.begin * cols, rows.size() * cols),
               average.values(block).data() + rows.begin * cols);
    };
    if (blocks[block].kind == nn::BlockKind::dense) return add_rows(pieces[piece].rows);
    station.owners.for_each_run(pieces[piece].rows, add_rows);
  });
}

}  // namespace nnrec::train
