#include "nnrec/train/evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "nnrec/base/error.hpp"
#include "nnrec/base/fixed_point.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

double mean(double sum, std::int64_t rows) {
  return rows == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(rows);
}

}  // namespace

double SquaredError::rmse() const {
  return std::sqrt(mean(sum, rows));
}

double Errors::mae() const {
  return mean(absolute_sum, squared.rows);
}

void require_loss_range(const shards::Manifest& manifest) {
  const double largest = std::max(std::abs(manifest.rating_min), std::abs(manifest.rating_max));
  const double most = std::sqrt(LossFixed::kSumLimit / static_cast<double>(models::kTileRows));
  if (largest < most) return;
  throw InputError(
      "ratings from {} to {}: the squared errors of numbers from {:.0f} on are beyond the range of "
      "exact sums; divide the ratings, or take their logarithm, and prepare the set again",
      manifest.rating_min, manifest.rating_max, most);
}

void ErrorSums::add(std::span<const float> predictions, shards::ColumnView<float> ratings,
                    const std::optional<shards::RatingScale>& scale,
                    std::span<const std::uint8_t> is_warm) {
  std::array<double, kCount> sums{};
  for (std::size_t i = 0; i < ratings.size(); ++i) {
    const auto prediction = static_cast<double>(predictions[i]);
    const auto rating = static_cast<double>(ratings[i]);
    const double error = prediction - rating;
    sums[kSquared] += error * error;
    sums[kAbsolute] += std::abs(error);
    if (!is_warm.empty() && is_warm[i] != 0) sums[kWarm] += error * error;
    if (!scale) continue;
    const double clipped = scale->clipped(prediction) - rating;
    sums[kClipped] += clipped * clipped;
  }
  // Written so that NaN, which compares with nothing, is left out too.
  const auto fits = [](double sum) { return sum < LossFixed::kSumLimit; };
  if (!std::all_of(sums.begin(), sums.end(), fits)) {
    ++left_out_;
    return;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums_[i] += LossFixed::from(sums[i]);
  warm_rows_ += std::ranges::count_if(is_warm, [](std::uint8_t warm) { return warm != 0; });
}

void ErrorSums::add(const ErrorSums& other) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  warm_rows_ += other.warm_rows_;
  left_out_ += other.left_out_;
}

void ErrorSums::sum(comm::Communicator& ranks) {
  constexpr std::size_t kWords = kCount * WideSum::kWords;
  std::array<std::int64_t, kWords + 2> words;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::ranges::copy(sums_[i].words(), words.begin() + i * WideSum::kWords);
  }
  words[kWords] = warm_rows_;
  words[kWords + 1] = left_out_;
  ranks.sum(words);
  for (std::size_t i = 0; i < kCount; ++i) {
    WideSum::Words part;
    std::copy_n(words.begin() + i * WideSum::kWords, part.size(), part.begin());
    sums_[i] = WideSum(part);
  }
  warm_rows_ = words[kWords];
  left_out_ = words[kWords + 1];
}

Errors ErrorSums::errors(std::int64_t rows, const std::optional<shards::RatingScale>& scale) const {
  const auto sum = [&](Index index) { return LossFixed::to_double(sums_[index]); };
  Errors errors{{sum(kSquared), rows}, std::nullopt, sum(kAbsolute), {sum(kWarm), warm_rows_}};
  if (scale) errors.clipped = SquaredError{sum(kClipped), rows};
  return errors;
}

Evaluator::Evaluator(const ModelInput& input, const math::ThreadTeam& team,
                     const EvaluationRule& rule)
    : input_(input), team_(team), rule_(rule) {
  threads_.resize(static_cast<std::size_t>(team.size()));
  for (Thread& thread : threads_) thread.workspace = input.network.make_workspace();
}

void Evaluator::predict_tile(const nn::ParameterSet& parameters, const RowShare& tile,
                             Thread& thread) const {
  const std::size_t count = tile.rows.size();
  thread.rows.resize(count);
  std::iota(thread.rows.begin(), thread.rows.end(), 0U);
  input_.features.gather(tile.ratings, thread.rows, input_.network.columns(), thread.batch);
  input_.network.predict(parameters, {&thread.batch, 0, count, tile.rows.begin, nullptr},
                         thread.workspace);
}

Errors Evaluator::evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters) {
  return evaluate(
      ranks, [&](const RowShare& tile, Thread& thread) { predict_tile(parameters, tile, thread); });
}

Errors Evaluator::evaluate_mean(comm::Communicator& ranks, const PredictionSums& sums,
                                std::uint64_t samples) {
  return evaluate(ranks, [&](const RowShare& tile, Thread& thread) {
    for (std::size_t i = 0; i < tile.rows.size(); ++i) {
      thread.workspace.predictions[i] = sums.mean(tile.rows.begin + i, samples);
    }
  });
}

Errors Evaluator::evaluate(
    comm::Communicator& ranks,
    const std::function<void(const RowShare& tile, Thread& thread)>& predict) {
  for (Thread& thread : threads_) thread.sums = {};
  visit_share(ranks, input_.rows, [&](const RowShare& share) {
    for_each_tile(team_, share, [&](const RowShare& tile, std::size_t number) {
      Thread& thread = threads_[number];
      predict(tile, thread);
      if (rule_.tally != nullptr) rule_.tally->mark_warm(tile.ratings, thread.is_warm);
      thread.sums.add(std::span(thread.workspace.predictions).first(tile.rows.size()),
                      tile.ratings.rating, rule_.scale, thread.is_warm);
    });
  });
  ErrorSums sums;
  for (const Thread& thread : threads_) sums.add(thread.sums);
  sums.sum(ranks);
  if (sums.left_out() > 0) throw_left_out(sums.left_out());
  return sums.errors(static_cast<std::int64_t>(rows()), rule_.scale);
}

void Evaluator::add_sample(comm::Communicator& ranks, const nn::ParameterSet& parameters,
                           PredictionSums& sums) {
  std::vector<Range> own;
  std::vector<std::int64_t> left_out(threads_.size(), 0);
  visit_share(ranks, input_.rows, [&](const RowShare& share) {
    own.push_back(share.rows);
    for_each_tile(team_, share, [&](const RowShare& tile, std::size_t number) {
      Thread& thread = threads_[number];
      predict_tile(parameters, tile, thread);
      const auto predictions = std::span(thread.workspace.predictions).first(tile.rows.size());
      bool all_fit = true;
      for (float& prediction : predictions) {
        if (rule_.scale)
          prediction = static_cast<float>(rule_.scale->clipped(static_cast<double>(prediction)));
        all_fit &= std::abs(prediction) < PredictionSums::kMostPrediction;  // false for a NaN
      }
      if (all_fit) {
        sums.add(tile.rows, predictions);
      } else {
        ++left_out[number];
      }
    });
  });
  std::array<std::int64_t, 1> all{std::accumulate(left_out.begin(), left_out.end(), 0L)};
  ranks.sum(all);
  if (all[0] > 0) throw_left_out(all[0]);
  sums.end_model(std::move(own));
}

void Evaluator::throw_left_out(std::int64_t tiles) const {
  throw comm::AgreedError(ErrorKind::input,
                          fmt::format("evaluation: predictions are not finite, or beyond the "
                                      "range of exact sums, in {} of {} tiles; "
                                      "use a smaller --learning-rate, or step of --sampler",
                                      tiles, models::tile_count(rows())));
}

}  // namespace nnrec::train
