#include "nnrec/math/permuted_values.hpp"

#include <algorithm>
#include <limits>

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {

void permuted_values(const Permutation& permutation, std::uint64_t first,
                     std::span<std::uint64_t> to) noexcept {
  constexpr std::uint64_t kMostOfHalf = std::numeric_limits<std::uint32_t>::max();
  const bool fits = std::max(permutation.highs(), permutation.lows()) <= kMostOfHalf;
  const kernels::Kernels& kernels = fits ? kernels::in_use() : kernels::kReference;
  kernels.permuted({&permutation, first, to.data(), to.size()});
  for (std::uint64_t& value : to) {
    if (value >= permutation.size()) value = permutation(value);
  }
}

}  // namespace nnrec::math
