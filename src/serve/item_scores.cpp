#include "nnrec/serve/item_scores.hpp"

#include <algorithm>
#include <limits>

namespace nnrec::serve {
namespace {

/// Whether the rating is dot( user, title ) and nothing else: of basic, where it has no biases and
/// no levels, and not the mean of several models.
bool is_dot(const Model& model) {
  return model.variant == "basic" && model.network.tables().size() == 2 &&
         !model.network.ordinal() && model.samples.empty();
}

}  // namespace

ItemScores::ItemScores(const Model& model, const TrainingFacts& facts, const math::ThreadTeam& team)
    : model_(model), facts_(facts) {
  for (int thread = 0; thread < team.size(); ++thread)
    threads_.push_back(std::make_unique<Thread>(model, facts));
  for (std::uint32_t item = 0; item < facts.items.rows.size(); ++item)
    if (!facts.items.has(item)) cold_.push_back(item);
  if (is_dot(model)) transpose_items();
}

void ItemScores::transpose_items() {
  user_table_ = widest_table(model_, model_.parameters, features::IdColumn::user);
  const math::ConstMatrix titles =
      widest_table(model_, model_.parameters, features::IdColumn::title);
  const auto& item_titles = model_.set.catalogue().item_titles;
  stride_ = math::round_up(item_titles.size(), math::kAlignmentFloats);
  items_.assign(titles.cols * stride_, 0.0F);
  for (std::size_t item = 0; item < item_titles.size(); ++item) {
    const float* row = titles.row(item_titles[item] + std::size_t{1});
    for (std::size_t k = 0; k < titles.cols; ++k) items_[k * stride_ + item] = row[k];
  }
}

void ItemScores::multiply(std::span<const std::uint32_t> users, std::size_t first_item,
                          Thread& thread, math::Matrix scores) const {
  const std::size_t dim = user_table_.cols;
  thread.users.resize(scores.rows * dim);
  for (std::size_t i = 0; i < scores.rows; ++i)
    std::copy_n(user_table_.row(users[i] + std::size_t{1}), dim, thread.users.data() + i * dim);
  math::product({thread.users.data(), scores.rows, dim, dim},
                {items_.data() + first_item, dim, scores.cols, stride_}, scores);
}

void ItemScores::answer(std::span<const std::uint32_t> users, std::int64_t time,
                        std::size_t first_item, Thread& thread, math::Matrix scores) const {
  thread.exposures.resize(scores.cols);
  for (std::size_t i = 0; i < scores.rows; ++i) {
    thread.pairs.clear();
    for (std::size_t item = first_item; item < first_item + scores.cols; ++item)
      thread.pairs.push_back({users[i], static_cast<std::uint32_t>(item), time});
    thread.answers.answer(thread.pairs, {scores.row(i), scores.cols}, thread.exposures);
  }
}

/// Of cold items a dot product is nothing yet.
void ItemScores::predict(std::span<const std::uint32_t> users, std::int64_t time,
                         std::size_t first_item, std::size_t thread, math::Matrix scores) const {
  if (stride_ > 0) {
    multiply(users, first_item, *threads_[thread], scores);
  } else {
    answer(users, time, first_item, *threads_[thread], scores);
  }
}

void ItemScores::set_cold(std::size_t first_item, std::span<float> scores, float value) const {
  auto cold = std::ranges::lower_bound(cold_, first_item);
  for (; cold != cold_.end() && *cold < first_item + scores.size(); ++cold)
    scores[*cold - first_item] = value;
}

void ItemScores::score(std::span<const std::uint32_t> users, std::int64_t time,
                       std::size_t first_item, std::size_t thread, math::Matrix scores) {
  predict(users, time, first_item, thread, scores);
  if (stride_ == 0) return;  // means are among the answers
  for (std::size_t i = 0; i < scores.rows; ++i) {
    const auto mean = static_cast<float>(facts_.user_item_mean(users[i], kUnknown));
    set_cold(first_item, {scores.row(i), scores.cols}, mean);
  }
}

void ItemScores::score_warm(std::span<const std::uint32_t> users, std::int64_t time,
                            std::size_t first_item, std::size_t thread, math::Matrix scores) {
  predict(users, time, first_item, thread, scores);
  for (std::size_t i = 0; i < scores.rows; ++i)
    set_cold(first_item, {scores.row(i), scores.cols}, -std::numeric_limits<float>::infinity());
}

void ItemScores::score(std::uint32_t user, std::int64_t time, std::size_t thread,
                       std::span<float> of_items) {
  score(std::span(&user, 1), time, 0, thread,
        {of_items.data(), 1, of_items.size(), of_items.size()});
}

void ItemScores::exact(std::uint32_t user, std::int64_t time, std::size_t thread,
                       std::span<ScoredItem> items) {
  Thread& own = *threads_[thread];
  own.pairs.clear();
  for (const ScoredItem& scored : items) own.pairs.push_back({user, scored.item, time});
  own.ratings.resize(items.size());
  own.exposures.resize(items.size());
  own.deviations.resize(model_.samples.empty() ? 0 : items.size());
  own.answers.answer(own.pairs, own.ratings, own.exposures, own.deviations);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].score = own.ratings[i];
    const bool has_deviation = !own.deviations.empty() && own.exposures[i] == Exposure::warm;
    if (has_deviation) items[i].deviation = own.deviations[i];
  }
}

}  // namespace nnrec::serve
