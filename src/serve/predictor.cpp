#include "nnrec/serve/predictor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nnrec::serve {

using models::kTileRows;

Predictor::Predictor(const Model& model)
    : model_(model),
      wanted_(model.network.columns()),
      workspace_(model.network.make_workspace()),
      rows_(kTileRows),
      user_(kTileRows),
      item_(kTileRows),
      time_(kTileRows) {
  wanted_.rating = false;
  if (model.network.ordinal() && !model.samples.empty()) workspace_.variances.resize(kTileRows);
  std::iota(rows_.begin(), rows_.end(), std::uint64_t{0});
}

void Predictor::predict(std::span<const Pair> pairs, std::span<float> ratings,
                        std::span<float> deviations) {
  for (std::size_t first = 0; first < pairs.size(); first += kTileRows) {
    const std::size_t count = std::min(kTileRows, pairs.size() - first);
    predict_tile(pairs.subspan(first, count), ratings.subspan(first, count),
                 deviations.empty() ? deviations : deviations.subspan(first, count));
  }
}

void Predictor::predict_tile(std::span<const Pair> pairs, std::span<float> ratings,
                             std::span<float> deviations) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    user_[i] = pairs[i].user;
    item_[i] = pairs[i].item;
    time_[i] = pairs[i].time;
  }
  const auto rows = std::span<const std::uint64_t>(rows_).first(pairs.size());
  model_.features.gather(shards::RatingColumns{user_, item_, {}, time_}, rows, wanted_, batch_);
  if (!model_.samples.empty()) return predict_mean(ratings, deviations);
  model_.network.predict(model_.parameters, {&batch_, 0, pairs.size(), 0, nullptr}, workspace_);
  std::copy_n(workspace_.predictions.begin(), pairs.size(), ratings.begin());
  std::ranges::fill(deviations, 0.0F);
}

/// Of the tile in batch_.
void Predictor::predict_mean(std::span<float> ratings, std::span<float> deviations) {
  const std::size_t count = ratings.size();
  const auto scale = model_.set.manifest().scale();
  const auto models = static_cast<double>(model_.samples.size());
  const bool is_ordinal = model_.network.ordinal().has_value();
  noise_.assign(count, 0);
  sums_.assign(count, 0);
  squares_.assign(count, 0);
  for (const Model::Sample& sample : model_.samples) {
    model_.network.predict(sample.parameters, {&batch_, 0, count, 0, nullptr}, workspace_);
    for (std::size_t i = 0; i < count; ++i) {
      noise_[i] +=
          (is_ordinal ? static_cast<double>(workspace_.variances[i]) : 1 / sample.noise_precision) /
          models;
      const auto given = static_cast<double>(workspace_.predictions[i]);
      const double rating = scale ? scale->clipped(given) : given;
      sums_[i] += rating;
      squares_[i] += rating * rating;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double mean = sums_[i] / models;
    ratings[i] = static_cast<float>(mean);
    if (deviations.empty()) continue;
    const double variance = std::max(0.0, squares_[i] / models - mean * mean);
    deviations[i] = static_cast<float>(std::sqrt(noise_[i] + variance));
  }
}

}  // namespace nnrec::serve
