#include "nnrec/serve/top_items.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

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

/// Without a branch inside, so that it becomes a few vector instructions.
template <std::size_t count>
bool all_below(std::span<const float, count> scores, float bound) {
  int reached = 0;
  for (const float score : scores) reached |= score >= bound ? 1 : 0;
  return reached == 0;
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
  if (allowed != nullptr && !(*allowed)[item]) return false;
  return !std::ranges::binary_search(excluded, item);
}

bool TopItems::has_room_for(const ScoredItem& scored) const {
  return heap_.size() < top_ || comes_first(scored, heap_.front(), places_);
}

void TopItems::push(const ScoredItem& scored) {
  const auto order = [this](const ScoredItem& a, const ScoredItem& b) {
    return comes_first(a, b, places_);
  };
  if (heap_.size() == top_) {
    std::ranges::pop_heap(heap_, order);
    heap_.back() = scored;
  } else {
    heap_.push_back(scored);
  }
  std::ranges::push_heap(heap_, order);
}

void TopItems::add(std::uint32_t first, std::span<const float> scores) {
  // Most items are behind the list's last: several are told so at one look.
  constexpr std::size_t kLook = 32;
  const auto bound = [this] {
    return heap_.size() < top_ ? std::numeric_limits<float>::lowest() : heap_.front().score;
  };
  float last = bound();
  for (std::size_t i = 0; i < scores.size();) {
    const auto next = scores.subspan(i, std::min(kLook, scores.size() - i));
    if (next.size() == kLook && all_below(next.first<kLook>(), last)) {
      i += kLook;
      continue;
    }
    for (const float score : next) {
      const ScoredItem scored{first + static_cast<std::uint32_t>(i++), score, {}};
      if (score < last || !has_room_for(scored) || !filter_.allows(scored.item)) continue;
      push(scored);
      last = bound();
    }
  }
}

void TopItems::add_equal(std::span<const std::uint32_t> items, float score) {
  for (const std::uint32_t item : items) {
    const ScoredItem scored{item, score, {}};
    if (!has_room_for(scored)) return;
    if (filter_.allows(item)) push(scored);
  }
}

std::vector<ScoredItem> TopItems::take() {
  std::ranges::sort(heap_, [this](const ScoredItem& a, const ScoredItem& b) {
    return comes_first(a, b, places_);
  });
  return std::exchange(heap_, {});
}

}  // namespace nnrec::serve
