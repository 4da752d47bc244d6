#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace nnrec {

/// Calls visit(index) for each bit of `word` that is set, rising; bit 0 has index `first`.
template <typename Visit>
void for_each_bit(std::uint64_t word, std::size_t first, const Visit& visit) {
  for (; word != 0; word &= word - 1)
    visit(first + static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace nnrec
