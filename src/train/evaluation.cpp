#include "nnrec/train/evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

double mean(double sum, std::int64_t rows) {
  return rows == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(rows);
}

double clip(double prediction, const shards::RatingScale& scale) {
  return std::clamp(prediction, scale.low, scale.high);
}

}  // namespace

double SquaredError::rmse() const {
  return std::sqrt(mean(sum, rows));
}

double Errors::mae() const {
  return mean(absolute_sum, squared.rows);
}

void ErrorSums::add(std::span<const float> predictions, std::span<const float> ratings,
                    const std::optional<shards::RatingScale>& scale, std::uint64_t pieces) {
  std::array<double, kLeftOut> sums{};
  for (std::size_t i = 0; i < ratings.size(); ++i) {
    const auto prediction = static_cast<double>(predictions[i]);
    const auto rating = static_cast<double>(ratings[i]);
    const double error = prediction - rating;
    sums[kSquared] += error * error;
    sums[kAbsolute] += std::abs(error);
    if (!scale) continue;
    const double clipped = clip(prediction, *scale) - rating;
    sums[kClipped] += clipped * clipped;
  }
  const double limit = LossFixed::contribution_limit(pieces);
  // Written so that NaN, which compares with nothing, is left out too.
  const auto fits = [limit](double sum) { return sum < limit; };
  if (!std::all_of(sums.begin(), sums.end(), fits)) {
    ++values_[kLeftOut];
    return;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) values_[i] += LossFixed::from(sums[i]);
}

void ErrorSums::add(const ErrorSums& other) {
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
}

Errors ErrorSums::errors(std::int64_t rows, const std::optional<shards::RatingScale>& scale) const {
  const auto sum = [&](Index index) { return LossFixed::to_double(values_[index]); };
  Errors errors{{sum(kSquared), rows}, std::nullopt, sum(kAbsolute)};
  if (scale) errors.clipped = SquaredError{sum(kClipped), rows};
  return errors;
}

Evaluator::Evaluator(const ModelInput& input, const math::ThreadTeam& team,
                     const std::optional<shards::RatingScale>& scale)
    : input_(input), team_(team), scale_(scale) {
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (Thread& thread : threads_) thread.workspace = input.network.make_workspace();
}

void Evaluator::evaluate_tile(const nn::ParameterSet& parameters, Range tile,
                              Thread& thread) const {
  const std::size_t count = tile.size();
  thread.rows.resize(count);
  input_.rows.rows_at(std::nullopt, tile.begin, thread.rows);
  input_.features.gather(input_.rows.columns(), thread.rows, input_.network.columns(),
                         thread.batch);
  input_.network.predict(parameters, {&thread.batch, 0, count, tile.begin, nullptr},
                         thread.workspace);

  thread.sums.add(std::span(thread.workspace.predictions).first(count), thread.batch.rating, scale_,
                  models::tile_count(rows()));
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

Errors Evaluator::evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters) {
  for (Thread& thread : threads_) thread.sums = {};
  // What is loaded ends between tiles, so that tiles are the same whatever fits into memory.
  for (Range loaded; loaded.end < rows(); evaluate_range(ranks, parameters, loaded)) {
    loaded.begin = loaded.end;
    loaded.end = input_.rows.load(std::nullopt, loaded.begin, models::kTileRows);
  }
  ErrorSums sums;
  for (const Thread& thread : threads_) sums.add(thread.sums);
  ranks.sum(sums.values());
  if (sums.left_out() > 0) {
    throw comm::AgreedError(ErrorKind::input,
                            fmt::format("evaluation: predictions are not finite, or beyond the "
                                        "range of exact sums, in {} of {} tiles; "
                                        "use a smaller --learning-rate",
                                        sums.left_out(), models::tile_count(rows())));
  }
  return sums.errors(static_cast<std::int64_t>(rows()), scale_);
}

}  // namespace nnrec::train
