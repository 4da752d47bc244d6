#include "nnrec/math/normals.hpp"

#include "math/kernels/kernel_table.hpp"

namespace nnrec::math {

void standard_normals(const CounterRandom& random, std::uint64_t first, std::span<float> out) {
  constexpr std::size_t kACounter = 4;
  kernels::in_use().normals(
      {random.key(), random.upper(), first / kACounter, out.size() / kACounter, out.data()});
}

}  // namespace nnrec::math
