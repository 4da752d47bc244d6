#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/answers.hpp"

namespace nnrec::serve {

/// Scores of all items for a user: unclipped, as Answers gives them.
class ItemScores {
 public:
  /// All outlive the object.
  ItemScores(const Model& model, const TrainingFacts& facts, const math::ThreadTeam& team);

  /// `thread` in [0, team.size()); different threads may call at once. `user` may be kUnknown.
  void score(std::uint32_t user, std::int64_t time, std::size_t thread, std::span<float> of_items);

 private:
  struct Thread {
    explicit Thread(const Model& model, const TrainingFacts& facts) : answers(model, facts) {}
    Answers answers;
    std::vector<Pair> pairs;
    std::vector<Exposure> exposures;
  };
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace nnrec::serve
