#pragma once

#include <cstdint>
#include <span>

#include "nnrec/base/permutation.hpp"

namespace nnrec::math {

/// Writes permutation(first), permutation(first + 1), ...: in vectors, a fraction of the time that
/// one by one takes. Requires first + to.size() <= permutation.size().
void permuted_values(const Permutation& permutation, std::uint64_t first,
                     std::span<std::uint64_t> to) noexcept;

}  // namespace nnrec::math
