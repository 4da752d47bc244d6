#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "nnrec/math/aligned.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/id_index.hpp"
#include "nnrec/serve/item_scores.hpp"
#include "nnrec/serve/model.hpp"
#include "nnrec/serve/seen_items.hpp"
#include "nnrec/serve/top_items.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

/// What lists should have.
struct ListWish {
  std::size_t top = 10;  ///< items a list, at least 1; fewer where fewer exist
  std::int64_t time = 0;
  const std::vector<bool>* allowed = nullptr;  ///< by item; null: all
  const SeenItems* left_out = nullptr;         ///< of each user; null: nothing
};

/// Lists of the items of the highest scores.
class Recommender {
 public:
  /// Users of a block share each tile of items, so that it stays near the processor.
  static constexpr std::size_t kBlockUsers = 64;

  /// All outlive the object.
  Recommender(const Model& model, const TrainingFacts& facts, const math::ThreadTeam& team);

  /// A list for each user, kBlockUsers at most, with the scores that Answers gives. A user without
  /// a training rating (kUnknown, too) gets what is popular: the highest means, drawn towards that
  /// of all. `thread` in [0, team.size()); different threads may call at once.
  std::vector<std::vector<ScoredItem>> for_users(std::span<const std::uint32_t> users,
                                                 const ListWish& wish, std::size_t thread);
  /// By what a list for this user is ordered: "model" or "popular".
  const char* basis(std::uint32_t user) const noexcept {
    return facts_.users.has(user) ? "model" : "popular";
  }

  /// Other items that training saw, by falling similarities(). Throws InputError as that does.
  std::vector<ScoredItem> similar_to(std::uint32_t item, const ListWish& wish) const;
  /// The item of this id, else of this whole title. Throws InputError naming some near ones.
  std::uint32_t item_named(std::string_view name) const;

 private:
  void make_exact(std::uint32_t user, const ListWish& wish, std::size_t thread,
                  std::vector<ScoredItem>& list);

  const Model& model_;
  const TrainingFacts& facts_;
  ItemScores scores_;
  IdIndex item_ids_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> cold_;  ///< items without a training rating, by rising places
  std::vector<float> popular_;
  std::vector<math::AlignedVector<float>> rooms_;  ///< a thread each
};

/// By item, whether it has the genres that all of `conditions` ("genre=NAME", in any case) name;
/// empty without conditions. Throws UsageError; InputError where the set has no genres.
std::vector<bool> items_where(std::span<const std::string> conditions,
                              const shards::Catalogue& catalogue);

}  // namespace nnrec::serve
