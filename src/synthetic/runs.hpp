#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "nnrec/base/permutation.hpp"
#include "nnrec/synthetic/writer.hpp"

namespace nnrec::synthetic {

/// The order of users in every file: not that of their ids, so that a reader that mixes up id and
/// position shows.
Permutation synthetic_user_order(const SyntheticSet& set);

/// Users at [first, end) of the file's order, and the row of the file that their ratings start at.
struct UserRun {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
};
/// All users in runs of about 16,384 ratings: a function of the set alone.
std::vector<UserRun> synthetic_runs(const SyntheticSet& set, const Permutation& order);

/// Sums over the ratings of one run. Added up in the order of runs, they do not depend on threads.
struct RunTally {
  std::array<std::uint64_t, 21> values{};  ///< by twice the value less that of the lowest
  double squares = 0;

  void count(const SyntheticRating& rating, float lowest) noexcept {
    ++values[static_cast<std::size_t>(2 * (rating.value - lowest))];
    const double noise = static_cast<double>(rating.value) - rating.expected;
    squares += noise * noise;
  }
  void add(const RunTally& other) noexcept {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += other.values[i];
    squares += other.squares;
  }
};

/// Which items have ratings, marked by many threads: one bitmap a thread.
class RatedItems {
 public:
  RatedItems(std::uint64_t items, int threads)
      : marks_(static_cast<std::size_t>(threads), std::vector<bool>(items)) {}
  void mark(std::uint32_t item, std::size_t thread) { marks_[thread][item] = true; }
  std::uint64_t count() const;

 private:
  std::vector<std::vector<bool>> marks_;
};

SyntheticSummary summary_of(const SyntheticSet& set, const RunTally& tally,
                            std::uint64_t rated_items);

/// Calls make(run, block, thread) for every run, on all threads, and use(block) in the order of
/// runs, on one thread at a time, while others make what comes next. Blocks are used again.
template <typename Block, typename Make, typename Use>
void make_runs_in_order(const std::vector<UserRun>& runs, const math::ThreadTeam& team,
                        const Make& make, const Use& use) {
  std::vector<Block> blocks(team.slots());
  team.make_in_order(
      runs.size(),
      [&](std::size_t run, std::size_t slot, std::size_t thread) {
        make(runs[run], blocks[slot], thread);
      },
      [&](std::size_t, std::size_t slot) { use(blocks[slot]); });
}

}  // namespace nnrec::synthetic
