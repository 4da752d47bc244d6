#include "nnrec/base/nearest_name.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace nnrec {
namespace {

std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> current(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, current);
  }
  return last[to.size()];
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& known,
                                       std::size_t most) {
  constexpr std::size_t kShortestBeginning = 3;
  std::vector<std::pair<std::size_t, const std::string*>> near;
  for (const std::string& candidate : known) {
    const bool is_beginning = name.size() >= kShortestBeginning && candidate.starts_with(name);
    const std::size_t distance = is_beginning ? 1 : edit_distance(name, candidate);
    if (distance > name.size() || 3 * distance > std::max(name.size(), candidate.size())) continue;
    near.emplace_back(distance, &candidate);
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, const std::string*>::first);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(near.size(), most); ++i) names.push_back(*near[i].second);
  return names;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  const auto nearest = nearest_names(name, known, 1);
  return nearest.empty() ? "" : nearest.front();
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest);
}

std::string not_one_of(std::string_view name, const std::vector<std::string>& known) {
  return fmt::format("{} is not one of {}{}", name, fmt::join(known, ", "),
                     did_you_mean(name, known));
}

}  // namespace nnrec
