#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "nnrec/data/column.hpp"
#include "nnrec/math/thread_team.hpp"

namespace nnrec::data {

/// Calls visit(user, rows, thread) for every user that has rows, with the user's row numbers
/// rising; users in parallel. Memory: a sixteenth of four bytes a row and thread, for as many
/// readings of the column. Throws InputError when there are 2^32 rows or more.
using VisitUser = std::function<void(std::uint32_t user, std::span<const std::uint32_t> rows,
                                     std::size_t thread)>;
void for_each_user(std::span<const std::uint32_t> users, const math::ThreadTeam& team,
                   const VisitUser& visit);

}  // namespace nnrec::data
