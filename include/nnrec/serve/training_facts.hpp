#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::serve {

/// As an index of a user or an item: an id that the catalogue does not have.
inline constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

/// Ratings and their sum by dense index.
struct Tally {
  std::vector<std::uint64_t> rows;
  std::vector<double> sums;

  /// Whether training saw it; never so for kUnknown.
  bool has(std::uint32_t index) const noexcept { return index < rows.size() && rows[index] > 0; }
  /// Requires: has(index).
  double mean(std::uint32_t index) const noexcept {
    return sums[index] / static_cast<double>(rows[index]);
  }
  double mean_or(double otherwise, std::uint32_t index) const noexcept {
    return has(index) ? mean(index) : otherwise;
  }
};

/// What the training ratings say without a model: who was seen, and means. Summed in the order of
/// the rows, so that the bits do not depend on threads.
struct TrainingFacts {
  std::uint64_t rows = 0;
  double mean = 0;
  std::int64_t first_time = 0;  ///< 0, like the next, where the set has no times
  std::int64_t last_time = 0;
  Tally users;
  Tally items;

  /// A user and an item that training both saw: the model's answer. Others get user_item_mean().
  bool is_warm(std::uint32_t user, std::uint32_t item) const noexcept {
    return users.has(user) && items.has(item);
  }
  /// The user's mean plus the item's less that of all; of who has no training rating, that of all.
  double user_item_mean(std::uint32_t user, std::uint32_t item) const noexcept {
    return users.mean_or(mean, user) + items.mean_or(mean, item) - mean;
  }
};

/// Why `time`, at which a model is asked, is none in the unit of the training ratings: it lies a
/// hundred times as far from 1970 as the last of them, as one in milliseconds does, or, where none
/// of them does, not a hundredth as far, as one in days, or 0. Else empty.
std::string refusal_of_time(std::int64_t time, const TrainingFacts& facts);

/// Reads the training part once. Throws InputError naming the file.
TrainingFacts read_training_facts(const shards::ShardSet& set, const math::ThreadTeam& team);

}  // namespace nnrec::serve
