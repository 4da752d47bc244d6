#include "user_groups.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "nnrec/base/error.hpp"

namespace nnrec::data {
namespace {

constexpr std::uint64_t kRanges = 16;
constexpr std::uint64_t kLeastRows = 1 << 18;  ///< of a range worth a reading of its own

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

}  // namespace

void for_each_user(std::span<const std::uint32_t> users, const math::ThreadTeam& team,
                   const VisitUser& visit) {
  if (users.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw InputError("{} ratings are more than one data set may have. Split it.", users.size());
  }
  if (users.empty()) return;
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

}  // namespace nnrec::data
