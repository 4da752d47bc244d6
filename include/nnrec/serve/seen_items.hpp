#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::serve {

/// Which items each user has rated in some parts of a set.
class SeenItems {
 public:
  SeenItems(const shards::ShardSet& set, std::initializer_list<shards::Part> parts,
            const math::ThreadTeam& team);

  /// Rising, each once; none of an index that the set does not have.
  std::span<const std::uint32_t> of(std::uint32_t user) const noexcept;
  bool has(std::uint32_t user, std::uint32_t item) const noexcept;

 private:
  std::vector<std::uint64_t> begins_;  ///< of each user in items_, and the end of the last
  std::vector<std::uint64_t> ends_;
  std::vector<std::uint32_t> items_;
};

}  // namespace nnrec::serve
