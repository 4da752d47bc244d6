#include "nnrec/train/evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/train/batch_plan.hpp"

namespace nnrec::train {

double SquaredError::rmse() const {
  if (rows == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::sqrt(sum / static_cast<double>(rows));
}

Evaluator::Evaluator(const models::Network& network, const data::Features& features,
                     const data::RatingColumns& columns, const math::ThreadTeam& team)
    : network_(network), features_(features), columns_(columns), team_(team) {
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (Thread& thread : threads_) thread.workspace = network.make_workspace();
}

void Evaluator::evaluate_tile(const nn::ParameterSet& parameters, std::size_t tile,
                              Thread& thread) const {
  const std::size_t first = tile * models::kTileRows;
  const std::size_t count = std::min(models::kTileRows, rows() - first);
  thread.rows.resize(count);
  for (std::size_t i = 0; i < count; ++i) thread.rows[i] = first + i;
  features_.gather(columns_, thread.rows, network_.columns(), thread.batch);
  network_.predict(parameters, {&thread.batch, 0, count, first, nullptr}, thread.workspace);

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

SquaredError Evaluator::evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters) {
  for (Thread& thread : threads_) thread.squared_error = thread.not_finite = 0;
  const std::size_t tiles = models::tile_count(rows());
  const Range own = share_of(tiles, ranks.rank(), ranks.size());
  team_.for_each(own.size(), [&](std::size_t piece, std::size_t thread) {
    evaluate_tile(parameters, own.begin + piece, threads_[thread]);
  });
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
                                        sums[1], tiles));
  }
  return {LossFixed::to_double(sums[0]), static_cast<std::int64_t>(rows())};
}

}  // namespace nnrec::train
