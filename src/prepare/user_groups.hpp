#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/column.hpp"

namespace nnrec::prepare {

/// Calls visit(user, rows, thread) for every user that has rows, with the user's row numbers
/// rising; users in parallel. Where a user's rows do not lie together: memory for a sixteenth of
/// four bytes a row and thread, and sixteen readings of the column. Throws InputError when there
/// are 2^32 rows or more.
using VisitUser = std::function<void(std::uint32_t user, std::span<const std::uint32_t> rows,
                                     std::size_t thread)>;
void for_each_user(std::span<const std::uint32_t> users, const math::ThreadTeam& team,
                   const VisitUser& visit);

/// Which items the user at hand has. Nothing is cleared between users: each has a mark of its own.
class ItemMarks {
 public:
  void begin(std::uint32_t user) noexcept { mark_ = user + 1; }
  /// Returns false when it was marked before.
  bool mark(std::uint32_t item) {
    if (item >= marks_.size()) marks_.resize(std::max<std::size_t>(item + 1ULL, 2 * marks_.size()));
    return std::exchange(marks_[item], mark_) != mark_;
  }
  /// Returns whether it was marked.
  bool take_away(std::uint32_t item) noexcept {
    if (item >= marks_.size() || marks_[item] != mark_) return false;
    marks_[item] = 0;
    return true;
  }

 private:
  std::uint32_t mark_ = 0;
  std::vector<std::uint32_t> marks_;
};

}  // namespace nnrec::prepare
