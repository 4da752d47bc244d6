#include "runs.hpp"

#include <cmath>

#include "random.hpp"

namespace nnrec::synthetic {
namespace {

constexpr std::uint64_t kRunRatings = 1 << 14;

}  // namespace

Permutation synthetic_user_order(const SyntheticSet& set) {
  return Permutation(set.options().users, set.options().seed, Purpose::synthetic,
                     draw_step(Draw::file_order, 0));
}

std::vector<UserRun> synthetic_runs(const SyntheticSet& set, const Permutation& order) {
  std::vector<UserRun> runs;
  UserRun run;
  for (std::uint64_t position = 0; position < set.options().users; ++position) {
    run.rows += set.rating_count(order(position));
    run.end = position + 1;
    if (run.rows < kRunRatings && run.end < set.options().users) continue;
    runs.push_back(run);
    run = {run.end, run.end, run.first_row + run.rows, 0};
  }
  return runs;
}

std::uint64_t RatedItems::count() const {
  std::uint64_t rated = 0;
  for (std::size_t item = 0; item < marks_.front().size(); ++item)
    rated += std::any_of(marks_.begin(), marks_.end(),
                         [item](const auto& marks) { return static_cast<bool>(marks[item]); });
  return rated;
}

SyntheticSummary summary_of(const SyntheticSet& set, const RunTally& tally,
                            std::uint64_t rated_items) {
  SyntheticSummary summary;
  const auto values = scale_values(set.options().scale);
  for (const auto value : values) {
    const auto count = tally.values[static_cast<std::size_t>(2 * (value - values.front()))];
    summary.values.push_back({value, count});
    summary.ratings += count;
  }
  summary.rated_items = rated_items;
  summary.noise_floor_rmse = std::sqrt(tally.squares / static_cast<double>(summary.ratings));
  return summary;
}

}  // namespace nnrec::synthetic
