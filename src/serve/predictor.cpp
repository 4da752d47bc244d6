#include "nnrec/serve/predictor.hpp"

#include <algorithm>
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
      title_(kTileRows),
      time_(kTileRows) {
  wanted_.rating = false;
  std::iota(rows_.begin(), rows_.end(), std::uint64_t{0});
}

void Predictor::predict(std::span<const Pair> pairs, std::span<float> ratings) {
  for (std::size_t first = 0; first < pairs.size(); first += kTileRows) {
    const std::size_t count = std::min(kTileRows, pairs.size() - first);
    predict_tile(pairs.subspan(first, count), ratings.subspan(first, count));
  }
}

void Predictor::predict_tile(std::span<const Pair> pairs, std::span<float> ratings) {
  const auto& titles = model_.set.catalogue().item_titles;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    user_[i] = pairs[i].user;
    item_[i] = pairs[i].item;
    title_[i] = titles[pairs[i].item];
    time_[i] = pairs[i].time;
  }
  const auto rows = std::span<const std::uint64_t>(rows_).first(pairs.size());
  model_.features.gather({user_, item_, title_, {}, time_}, rows, wanted_, batch_);
  model_.network.predict(model_.parameters, {&batch_, 0, pairs.size(), 0, nullptr}, workspace_);
  std::copy_n(workspace_.predictions.begin(), pairs.size(), ratings.begin());
}

}  // namespace nnrec::serve
