#include "nnrec/math/permuted.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "nnrec/math/kernels.hpp"

namespace nnrec::math {
namespace {

void expect_equal(const Permutation& permutation, std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> values(count);
  std::vector<std::uint64_t> indices(count);
  permuted_values(permutation, first, values);
  permuted_indices(permutation, first, indices);
  for (std::uint64_t at = 0; at < count; ++at) {
    SCOPED_TRACE(fmt::format("{} {} {}", permutation.size(), first, count));
    ASSERT_EQ(values[at], permutation(first + at));
    ASSERT_EQ(indices[at], permutation.index_of(first + at));
  }
}

TEST(Permuted, SeveralAtOnceAreThoseOfOneByOneWithAllKernels) {
  const std::string before = kernels_in_use();
  for (const std::string& kernels : available_kernels()) {
    use_kernels(kernels);
    SCOPED_TRACE(kernels);
    for (const std::uint64_t size : {1, 2, 3, 5, 17, 100, 101, 1000}) {
      const Permutation permutation(size, 42, Purpose::split, 3);
      for (std::uint64_t first = 0; first < size; first += 1 + size / 7) {
        for (std::uint64_t count = 0; first + count <= size; count += 1 + count / 3) {
          expect_equal(permutation, first, count);
        }
      }
    }
    // Halves of 16 bits, of some more, of 32, and of more than vectors have.
    for (const std::uint64_t size :
         {std::uint64_t{80000}, std::uint64_t{25000095}, (std::uint64_t{1} << 32) + 1,
          (std::uint64_t{1} << 63) + 12345, ~std::uint64_t{0}}) {
      const Permutation permutation(size, 7, Purpose::epoch_order, size);
      for (const std::uint64_t first : {std::uint64_t{0}, size / 3, size - 200})
        expect_equal(permutation, first, 200);
    }
  }
  use_kernels(before);
}

}  // namespace
}  // namespace nnrec::math
