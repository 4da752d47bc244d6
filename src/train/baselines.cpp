#include "nnrec/train/baselines.hpp"

#include <vector>

namespace nnrec::train {
namespace {

/// What one thread sums up.
struct Sums {
  ErrorSums training_mean;
  ErrorSums user_item_means;
};

void add_tile(const shards::RatingView& tile, const EvaluationRule& rule, Sums& sums) {
  const std::size_t rows = tile.size();
  const std::vector<float> means(rows, static_cast<float>(rule.tally->mean()));
  std::vector<float> both(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    both[row] = static_cast<float>(user_item_mean(*rule.tally, tile.user[row], tile.item[row]));
  }
  std::vector<std::uint8_t> is_warm;
  rule.tally->mark_warm(tile, is_warm);
  sums.training_mean.add(means, tile.rating, rule.scale, is_warm);
  sums.user_item_means.add(both, tile.rating, rule.scale, is_warm);
}

ErrorSums total(comm::Communicator& ranks, const std::vector<Sums>& threads,
                ErrorSums Sums::*which) {
  ErrorSums sums;
  for (const Sums& thread : threads) sums.add(thread.*which);
  sums.sum(ranks);
  return sums;
}

}  // namespace

double user_item_mean(const TrainingTally& tally, std::uint32_t user, std::uint32_t item) {
  const double mean = tally.mean();
  const double of_user = tally.has_user(user) ? tally.user_mean(user) : mean;
  const double of_item = tally.has_item(item) ? tally.item_mean(item) : mean;
  return of_user + of_item - mean;
}

Baselines evaluate_baselines(comm::Communicator& ranks, const math::ThreadTeam& team,
                             NodeRows& part, const EvaluationRule& rule) {
  std::vector<Sums> threads(static_cast<std::size_t>(team.size()));
  visit_share(ranks, part, [&](const RowShare& share) {
    for_each_tile(team, share, [&](const RowShare& tile, std::size_t thread) {
      add_tile(tile.ratings, rule, threads[thread]);
    });
  });
  const auto rows = static_cast<std::int64_t>(part.size());
  return {total(ranks, threads, &Sums::training_mean).errors(rows, rule.scale),
          total(ranks, threads, &Sums::user_item_means).errors(rows, rule.scale)};
}

}  // namespace nnrec::train
