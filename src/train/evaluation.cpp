#include "nnrec/train/evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {

double SquaredError::rmse() const {
  if (rows == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::sqrt(sum / static_cast<double>(rows));
}

Evaluator::Evaluator(const ModelInput& input, const math::ThreadTeam& team)
    : input_(input), team_(team) {
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (Thread& thread : threads_) thread.workspace = input.network.make_workspace();
}

void Evaluator::evaluate_tile(const nn::ParameterSet& parameters, Range tile,
                              Thread& thread) const {
  const std::size_t count = tile.size();
  thread.rows.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    thread.rows[i] = input_.rows.row_at(std::nullopt, tile.begin + i);
  }
  input_.features.gather(input_.rows.columns(), thread.rows, input_.network.columns(),
                         thread.batch);
  input_.network.predict(parameters, {&thread.batch, 0, count, tile.begin, nullptr},
                         thread.workspace);

  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double error = static_cast<double>(thread.workspace.predictions[i]) -
                         static_cast<double>(thread.batch.rating[i]);
    sum += error * error;
  }
  const std::size_t tiles = models::tile_count(rows());
  if (std::abs(sum) < LossFixed::contribution_limit(tiles)) {
    thread.squared_error += LossFixed::from(sum);
  } else {
    ++thread.not_finite;
  }
}

void Evaluator::evaluate_range(const comm::Communicator& ranks, const nn::ParameterSet& parameters,
                               Range rows) {
  const Range own = share_of(models::tile_count(rows.size()), ranks.rank(), ranks.size());
  team_.for_each(own.size(), [&](std::size_t piece, std::size_t thread) {
    const std::size_t first = rows.begin + (own.begin + piece) * models::kTileRows;
    const Range tile{first, std::min(first + models::kTileRows, rows.end)};
    evaluate_tile(parameters, tile, threads_[thread]);
  });
}

SquaredError Evaluator::evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters) {
  for (Thread& thread : threads_) thread.squared_error = thread.not_finite = 0;
  // What is loaded ends between tiles, so that tiles are the same whatever fits into memory.
  for (Range loaded; loaded.end < rows(); evaluate_range(ranks, parameters, loaded)) {
    loaded.begin = loaded.end;
    loaded.end = input_.rows.load(std::nullopt, loaded.begin, models::kTileRows);
  }
  std::array<std::int64_t, 2> sums{};
  for (const Thread& thread : threads_) {
    sums[0] += thread.squared_error;
    sums[1] += thread.not_finite;
  }
  ranks.sum(sums);
  if (sums[1] > 0) {
    throw comm::AgreedError(ErrorKind::input,
                            fmt::format("evaluation: predictions are not finite, or beyond the "
                                        "range of exact sums, in {} of {} tiles; "
                                        "use a smaller --learning-rate",
                                        sums[1], models::tile_count(rows())));
  }
  return {LossFixed::to_double(sums[0]), static_cast<std::int64_t>(rows())};
}

}  // namespace nnrec::train
