#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "nnrec/math/aligned.hpp"
#include "nnrec/math/matrix.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/answers.hpp"
#include "nnrec/serve/top_items.hpp"

namespace nnrec::serve {

/// Scores of many items for many users: unclipped, as Answers gives them. Where a model's rating is
/// the dot product of two rows, users and items are multiplied as matrices, whose sums are made in
/// another order: scores then differ from the answers in the last bits, and exact() tells those.
class ItemScores {
 public:
  /// All outlive the object.
  ItemScores(const Model& model, const TrainingFacts& facts, const math::ThreadTeam& team);

  /// A row of `scores` for each user, a column for each item from `first_item` on. `thread` in
  /// [0, team.size()); different threads may call at once. Requires: known users, scores.rows at
  /// most users.size().
  void score(std::span<const std::uint32_t> users, std::int64_t time, std::size_t first_item,
             std::size_t thread, math::Matrix scores);
  /// The same, but items without a training rating get -infinity: a user's scores of them are all
  /// one, the user's mean, and need no comparing.
  void score_warm(std::span<const std::uint32_t> users, std::int64_t time, std::size_t first_item,
                  std::size_t thread, math::Matrix scores);
  /// Of all items for one user.
  void score(std::uint32_t user, std::int64_t time, std::size_t thread, std::span<float> of_items);

  /// Gives the items the scores, and of a model with samples the deviations, that Answers has for
  /// them.
  void exact(std::uint32_t user, std::int64_t time, std::size_t thread,
             std::span<ScoredItem> items);

  /// Items without a training rating, rising.
  std::span<const std::uint32_t> cold_items() const noexcept { return cold_; }

 private:
  struct Thread {
    Thread(const Model& model, const TrainingFacts& facts) : answers(model, facts) {}
    Answers answers;
    std::vector<Pair> pairs;
    std::vector<float> ratings;
    std::vector<float> deviations;
    std::vector<Exposure> exposures;
    math::AlignedVector<float> users;  ///< rows of the users that are scored
  };
  void multiply(std::span<const std::uint32_t> users, std::size_t first_item, Thread& thread,
                math::Matrix scores) const;
  void answer(std::span<const std::uint32_t> users, std::int64_t time, std::size_t first_item,
              Thread& thread, math::Matrix scores) const;
  void predict(std::span<const std::uint32_t> users, std::int64_t time, std::size_t first_item,
               std::size_t thread, math::Matrix scores) const;
  void set_cold(std::size_t first_item, std::span<float> scores, float value) const;
  void transpose_items();

  const Model& model_;
  const TrainingFacts& facts_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<std::uint32_t> cold_;  ///< items without a training rating, rising
  // Only where the rating is a dot product:
  math::ConstMatrix user_table_;
  math::AlignedVector<float> items_;  ///< (dim, items): a column an item
  std::size_t stride_ = 0;            ///< of items_
};

}  // namespace nnrec::serve
