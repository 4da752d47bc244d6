#pragma once

#include <cstdint>
#include <filesystem>

#include "nnrec/shards/shard_set.hpp"

namespace nnrec::testing {

/// backward: the same ratings from the last to the first, so that ids are numbered otherwise.
enum class TinyOrder { forward, backward };

/// A small shard set in `folder`, the same at every call: `users` with ages and occupations,
/// `items` with genres (1 to 3 of 6) and titles of words (two items share one where there are
/// enough), `ratings` from 1 to 5 that depend on user and item, times, a random fifth as test part,
/// this fraction of the rest as validation part, and several shards. Requires: all counts at least
/// 1, ratings at least 2.
shards::ShardSet make_tiny_set(const std::filesystem::path& folder, std::uint32_t users,
                               std::uint32_t items, std::uint64_t ratings, double validation = 0,
                               TinyOrder order = TinyOrder::forward);

/// The columns of one part of a set, in row order.
struct OwnedColumns {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;
  shards::RatingColumns view() const { return {user, item, rating, timestamp}; }
};
OwnedColumns read_part(const shards::ShardSet& set, shards::Part part);

}  // namespace nnrec::testing
