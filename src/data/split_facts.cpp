#include <algorithm>
#include <limits>
#include <vector>

#include "nnrec/data/split.hpp"

#include "user_groups.hpp"

namespace nnrec::data {
namespace {

/// What one thread sees of a user.
struct Scratch {
  std::vector<std::uint32_t> elsewhere;
  std::vector<std::uint32_t> tested;
  std::uint64_t overlap = 0;
};

std::uint64_t count_overlap(const RatingTable& table, const Column<Part>& parts,
                            const math::ThreadTeam& team) {
  std::vector<Scratch> scratch(static_cast<std::size_t>(team.size()));
  for_each_user(table.user, team,
                [&](std::uint32_t, std::span<const std::uint32_t> rows, std::size_t thread) {
                  // By name: clang 14 lets no lambda use a structured binding.
                  auto& elsewhere = scratch[thread].elsewhere;
                  auto& tested = scratch[thread].tested;
                  auto& overlap = scratch[thread].overlap;
                  elsewhere.clear();
                  tested.clear();
                  for (const auto row : rows) {
                    (parts[row] == Part::test ? tested : elsewhere).push_back(table.item[row]);
                  }
                  if (tested.empty() || elsewhere.empty()) return;
                  std::sort(elsewhere.begin(), elsewhere.end());
                  std::sort(tested.begin(), tested.end());
                  tested.erase(std::unique(tested.begin(), tested.end()), tested.end());
                  overlap += static_cast<std::uint64_t>(
                      std::count_if(tested.begin(), tested.end(), [&](std::uint32_t item) {
                        return std::binary_search(elsewhere.begin(), elsewhere.end(), item);
                      }));
                });
  std::uint64_t total = 0;
  for (const auto& of_thread : scratch) total += of_thread.overlap;
  return total;
}

/// Indices of `column` that have test rows and no train row.
std::uint64_t count_cold(const Column<std::uint32_t>& column, const Column<Part>& parts) {
  constexpr std::uint8_t kTrained = 1;
  constexpr std::uint8_t kTested = 2;
  std::vector<std::uint8_t> seen;
  for (std::uint64_t row = 0; row < column.size(); ++row) {
    if (column[row] >= seen.size()) seen.resize(column[row] + 1ULL, 0);
    if (parts[row] == Part::train) seen[column[row]] |= kTrained;
    if (parts[row] == Part::test) seen[column[row]] |= kTested;
  }
  return static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), kTested));
}

std::uint64_t count_after_test(const RatingTable& table, const Column<Part>& parts) {
  if (!table.has_time()) return 0;
  auto earliest = std::numeric_limits<std::int64_t>::max();
  for (std::uint64_t row = 0; row < table.rows(); ++row) {
    if (parts[row] == Part::test) earliest = std::min(earliest, table.timestamp[row]);
  }
  std::uint64_t count = 0;
  for (std::uint64_t row = 0; row < table.rows(); ++row) {
    count += parts[row] == Part::train && table.timestamp[row] > earliest ? 1 : 0;
  }
  return count;
}

}  // namespace

SplitFacts examine_split(const RatingTable& table, const Column<Part>& parts,
                         const math::ThreadTeam& team) {
  return {count_overlap(table, parts, team), count_cold(table.user, parts),
          count_cold(table.item, parts), count_after_test(table, parts)};
}

}  // namespace nnrec::data
