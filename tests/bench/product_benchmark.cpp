// product_benchmark [THREADS]: the rate of math::product on the tiles that recommending multiplies,
// 64 users x dim 32 x 1,024 items, in GFlop/s (a multiplication and an addition are two).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "nnrec/base/stopwatch.hpp"
#include "nnrec/math/aligned.hpp"
#include "nnrec/math/matrix.hpp"
#include "nnrec/math/thread_team.hpp"

int main(int count, char** words) {
  using namespace nnrec;
  constexpr std::size_t kUsers = 64;
  constexpr std::size_t kDim = 32;
  constexpr std::size_t kItems = 1024;
  constexpr std::size_t kTiles = 20000;
  const math::ThreadTeam team(count > 1 ? std::atoi(words[1]) : 0);
  const math::AlignedVector<float> users(kUsers * kDim, 0.5F);
  const math::AlignedVector<float> items(kDim * kItems, 0.25F);
  std::vector<math::AlignedVector<float>> scores(static_cast<std::size_t>(team.size()),
                                                 math::AlignedVector<float>(kUsers * kItems));
  double best = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const Stopwatch watch;
    team.for_each(kTiles, [&](std::size_t, std::size_t thread) {
      math::product({users.data(), kUsers, kDim, kDim}, {items.data(), kDim, kItems, kItems},
                    {scores[thread].data(), kUsers, kItems, kItems});
    });
    best = std::max(best, 2e-9 * kUsers * kDim * kItems * kTiles / watch.seconds());
  }
  std::printf("%d threads: %.1f GFlop/s\n", team.size(), best);
}
