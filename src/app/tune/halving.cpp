#include "halving.hpp"

#include <algorithm>

namespace nnrec::app {
namespace {

/// Without trial 0.
std::size_t going_on(std::size_t trials, std::size_t reduction_factor) {
  return std::max<std::size_t>(1, trials / reduction_factor);
}

/// Of equal errors the first trial. What failed does not go on.
std::vector<std::size_t> best_of(Rung rung, std::size_t reduction_factor) {
  std::ranges::stable_sort(rung, {}, [](const TrialEnd& end) { return *end.rmse; });
  const bool has_given = std::ranges::find(rung, 0U, &TrialEnd::trial) != rung.end();
  std::size_t left = going_on(rung.size() - (has_given ? 1 : 0), reduction_factor);
  std::vector<std::size_t> best;
  for (const TrialEnd& end : rung) {
    if (end.has_failed()) continue;
    if (end.trial != 0 && left == 0) continue;
    best.push_back(end.trial);
    if (end.trial != 0) --left;
  }
  std::ranges::sort(best);
  return best;
}

}  // namespace

std::vector<Rung> rungs_so_far(
    const Halving& halving,
    const std::function<std::optional<double>(std::size_t trial, std::size_t rung)>& end_of) {
  std::vector<std::size_t> entrants;
  for (std::size_t trial = 0; trial <= halving.trials; ++trial) entrants.push_back(trial);
  std::vector<Rung> rungs;
  for (std::size_t number = 0; number < halving.epochs.size(); ++number) {
    Rung rung;
    for (const std::size_t trial : entrants) rung.push_back({trial, end_of(trial, number)});
    rungs.push_back(rung);
    if (!std::ranges::all_of(rung, [](const TrialEnd& end) { return end.rmse.has_value(); })) break;
    entrants = best_of(std::move(rung), halving.reduction_factor);
  }
  return rungs;
}

std::vector<std::size_t> rung_sizes(const Halving& halving) {
  std::vector<std::size_t> sizes;
  std::size_t trials = halving.trials;
  for (std::size_t rung = 0; rung < halving.epochs.size(); ++rung) {
    sizes.push_back(trials + 1);
    trials = going_on(trials, halving.reduction_factor);
  }
  return sizes;
}

}  // namespace nnrec::app
