#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nnrec::serve {

/// The place of each id among all: whole numbers first and by value, then the others byte by byte.
std::vector<std::uint32_t> id_places(const std::vector<std::string>& ids);

struct ScoredItem {
  std::uint32_t item = 0;
  float score = 0;
  friend bool operator==(const ScoredItem&, const ScoredItem&) = default;
};

/// Which items may be listed.
struct ItemFilter {
  std::span<const std::uint32_t> excluded{};  ///< rising
  std::vector<bool> allowed{};                ///< by item; empty: all

  bool allows(std::uint32_t item) const;
};

/// The `top` allowed items of the highest scores, or as many as there are: by falling score, of
/// equal scores the one whose place comes first.
std::vector<ScoredItem> top_items(std::span<const float> scores, const ItemFilter& filter,
                                  std::span<const std::uint32_t> places, std::size_t top);

}  // namespace nnrec::serve
