#include "user_groups.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "nnrec/base/error.hpp"

namespace nnrec::prepare {
namespace {

constexpr std::uint64_t kRanges = 16;
constexpr std::uint64_t kLeastRows = 1 << 18;  ///< of a piece of work

/// By user, how many rows the users before have; one entry more than users.
std::vector<std::uint64_t> row_offsets(std::span<const std::uint32_t> users) {
  std::vector<std::uint64_t> offsets(1, 0);
  for (const auto user : users) {
    if (user + 2ULL > offsets.size()) offsets.resize(user + 2ULL, 0);
    ++offsets[user + 1ULL];
  }
  for (std::size_t user = 1; user < offsets.size(); ++user) offsets[user] += offsets[user - 1];
  return offsets;
}

/// First users of ranges that have about `rows` rows each, and the end.
std::vector<std::uint32_t> cut_ranges(const std::vector<std::uint64_t>& offsets,
                                      std::uint64_t rows) {
  std::vector<std::uint32_t> starts(1, 0);
  const auto users = static_cast<std::uint32_t>(offsets.size() - 1);
  for (std::uint32_t user = 1; user < users; ++user) {
    if (offsets[user] - offsets[starts.back()] >= rows) starts.push_back(user);
  }
  starts.push_back(users);
  return starts;
}

/// Files mostly have a user's ratings together. As users are numbered in the order of their first
/// rating, then the column rises.
void for_each_user_in_turn(std::span<const std::uint32_t> users, const math::ThreadTeam& team,
                           const VisitUser& visit) {
  /// The first user's start at or behind a row.
  const auto next_start = [users](std::size_t row) {
    if (row == 0 || row >= users.size()) return std::min(row, users.size());
    while (row < users.size() && users[row] == users[row - 1]) ++row;
    return row;
  };
  std::vector<std::vector<std::uint32_t>> rows_of_threads(static_cast<std::size_t>(team.size()));
  team.for_each(users.size() / kLeastRows + 1, [&](std::size_t piece, std::size_t thread) {
    auto& rows = rows_of_threads[thread];
    const auto end = next_start((piece + 1) * kLeastRows);
    for (auto start = next_start(piece * kLeastRows); start < end;) {
      auto row = start;
      rows.clear();
      while (row < end && users[row] == users[start]) {
        rows.push_back(static_cast<std::uint32_t>(row++));
      }
      visit(users[start], rows, thread);
      start = row;
    }
  });
}

}  // namespace

void for_each_user(std::span<const std::uint32_t> users, const math::ThreadTeam& team,
                   const VisitUser& visit) {
  if (users.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw InputError("{} ratings are more than one data set may have. Split it.", users.size());
  }
  if (std::is_sorted(users.begin(), users.end())) {
    for_each_user_in_turn(users, team, visit);
    return;
  }
  const auto offsets = row_offsets(users);
  const auto starts = cut_ranges(offsets, std::max(users.size() / kRanges, kLeastRows));
  team.for_each(starts.size() - 1, [&](std::size_t range, std::size_t thread) {
    const auto begin = starts[range];
    const auto size = starts[range + 1] - begin;
    std::vector<std::uint32_t> rows(offsets[begin + size] - offsets[begin]);
    std::vector<std::uint64_t> ends(offsets.begin() + begin, offsets.begin() + begin + size);
    for (auto& end : ends) end -= offsets[begin];
    for (std::uint32_t row = 0; row < users.size(); ++row) {
      const auto user = users[row] - begin;  // Wraps to a large number before the range.
      if (user < size) rows[ends[user]++] = row;
    }
    std::uint64_t start = 0;
    for (std::uint32_t user = 0; user < size; ++user) {
      const auto count = ends[user] - start;
      if (count > 0) visit(begin + user, std::span(rows).subspan(start, count), thread);
      start = ends[user];
    }
  });
}

}  // namespace nnrec::prepare
