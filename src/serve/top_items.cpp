#include "nnrec/serve/top_items.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>

namespace nnrec::serve {
namespace {

bool is_whole_number(const std::string& id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_zeros(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

/// Rises with the id; of any length of digits.
auto key_of(const std::string& id) {
  const bool is_text = !is_whole_number(id);
  const std::string_view digits = is_text ? std::string_view(id) : without_zeros(id);
  return std::tuple(is_text, is_text ? 0 : digits.size(), digits, std::string_view(id));
}

}  // namespace

std::vector<std::uint32_t> id_places(const std::vector<std::string>& ids) {
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t index) { return key_of(ids[index]); });
  std::vector<std::uint32_t> places(ids.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) places[order[place]] = place;
  return places;
}

bool ItemFilter::allows(std::uint32_t item) const {
  if (!allowed.empty() && !allowed[item]) return false;
  return !std::ranges::binary_search(excluded, item);
}

std::vector<ScoredItem> top_items(std::span<const float> scores, const ItemFilter& filter,
                                  std::span<const std::uint32_t> places, std::size_t top) {
  const auto comes_first = [&](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : places[a.item] < places[b.item];
  };
  // A heap with the last of the list in front: most items are behind it at one look.
  std::vector<ScoredItem> list;
  for (std::uint32_t item = 0; item < scores.size(); ++item) {
    const ScoredItem scored{item, scores[item]};
    const bool is_full = list.size() == top;
    if (is_full && (scored.score < list.front().score || !comes_first(scored, list.front())))
      continue;
    if (!filter.allows(item)) continue;
    if (is_full) {
      std::ranges::pop_heap(list, comes_first);
      list.back() = scored;
    } else {
      list.push_back(scored);
    }
    std::ranges::push_heap(list, comes_first);
  }
  std::ranges::sort_heap(list, comes_first);
  return list;
}

}  // namespace nnrec::serve
