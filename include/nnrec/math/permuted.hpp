#pragma once

#include <cstdint>
#include <span>

#include "nnrec/base/permutation.hpp"

namespace nnrec::math {

// In vectors, a fraction of the time that one by one takes. Require
// first + to.size() <= permutation.size().

/// Writes permutation(first), permutation(first + 1), ...
void permuted_values(const Permutation& permutation, std::uint64_t first,
                     std::span<std::uint64_t> to) noexcept;
/// Writes permutation.index_of(first), permutation.index_of(first + 1), ...
void permuted_indices(const Permutation& permutation, std::uint64_t first,
                      std::span<std::uint64_t> to) noexcept;

}  // namespace nnrec::math
