#include "nnrec/math/permuted.hpp"

#include <algorithm>
#include <limits>

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {
namespace {

void go_through_rounds(const kernels::Permuted& of) {
  constexpr std::uint64_t kMostOfHalf = std::numeric_limits<std::uint32_t>::max();
  const bool fits = std::max(of.of->highs(), of.of->lows()) <= kMostOfHalf;
  (fits ? kernels::in_use() : kernels::kReference).permuted(of);
}

}  // namespace

void permuted_values(const Permutation& permutation, std::uint64_t first,
                     std::span<std::uint64_t> to) noexcept {
  go_through_rounds({&permutation, kernels::Direction::encrypt, first, to.data(), to.size()});
  for (std::uint64_t& value : to) {
    if (value >= permutation.size()) value = permutation(value);
  }
}

void permuted_indices(const Permutation& permutation, std::uint64_t first,
                      std::span<std::uint64_t> to) noexcept {
  go_through_rounds({&permutation, kernels::Direction::decrypt, first, to.data(), to.size()});
  for (std::uint64_t& index : to) {
    if (index >= permutation.size()) index = permutation.index_of(index);
  }
}

}  // namespace nnrec::math
