#pragma once

#include <cstdint>
#include <vector>

namespace nnrec::synthetic {

/// The genres of an item: rising indices into synthetic_genres(), 1 to 6 of them.
std::vector<std::uint32_t> synthetic_item_genres(std::uint64_t seed, std::uint64_t item);

/// The index of the word that an item's title begins with: titles with the same one are alike.
std::uint64_t synthetic_title_word(std::uint64_t item);

}  // namespace nnrec::synthetic
