#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nnrec::serve {

/// The place of each id among all: whole numbers first and by value, then the others byte by byte.
std::vector<std::uint32_t> id_places(const std::vector<std::string>& ids);

struct ScoredItem {
  std::uint32_t item = 0;
  float score = 0;
  std::optional<float> deviation{};  ///< expected, of a rating from the score, where it is known
  friend bool operator==(const ScoredItem&, const ScoredItem&) = default;
};

/// Whether a list has `a` before `b`: by falling score, of equal scores the one whose place comes
/// first.
inline bool comes_first(const ScoredItem& a, const ScoredItem& b,
                        std::span<const std::uint32_t> places) {
  return a.score != b.score ? a.score > b.score : places[a.item] < places[b.item];
}

/// Which items may be listed.
struct ItemFilter {
  std::span<const std::uint32_t> excluded{};   ///< rising
  const std::vector<bool>* allowed = nullptr;  ///< by item; null: all

  bool allows(std::uint32_t item) const;
};

/// The allowed items of the highest scores seen so far, `top` at most, as comes_first() says: the
/// list is the same in whatever order items come.
class TopItems {
 public:
  /// `places` and what the filter refers to outlive the object. Requires: top at least 1.
  TopItems(std::size_t top, const ItemFilter& filter, std::span<const std::uint32_t> places)
      : top_(top), filter_(filter), places_(places) {}

  /// Items from `first` on, a score each; one of -infinity leaves its item out.
  void add(std::uint32_t first, std::span<const float> scores);
  /// Items of one score. Requires: rising places.
  void add_equal(std::span<const std::uint32_t> items, float score);
  /// In order; the object is as it was made.
  std::vector<ScoredItem> take();

 private:
  bool has_room_for(const ScoredItem& scored) const;
  void push(const ScoredItem& scored);

  std::size_t top_;
  ItemFilter filter_;
  std::span<const std::uint32_t> places_;
  std::vector<ScoredItem> heap_;  ///< the last of the list in front
};

}  // namespace nnrec::serve
