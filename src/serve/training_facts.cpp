#include "nnrec/serve/training_facts.hpp"

#include <algorithm>
#include <limits>

#include "nnrec/serve/part_rows.hpp"

namespace nnrec::serve {
namespace {

Tally empty_tally(std::uint64_t size) {
  return {std::vector<std::uint64_t>(size, 0), std::vector<double>(size, 0.0)};
}

void add(Tally& tally, std::uint32_t index, double rating) {
  ++tally.rows[index];
  tally.sums[index] += rating;
}

}  // namespace

std::string refusal_of_time(std::int64_t time, const TrainingFacts& facts) {
  constexpr std::int64_t kFar = 100;
  const std::int64_t last = facts.last_time;
  const bool is_far = time / kFar >= last || time / kFar <= -last;
  const bool is_near = facts.first_time > last / kFar && time <= last / kFar;
  if (last <= 0 || !(is_far || is_near)) return "";
  return fmt::format(
      "time {} is not in the seconds since 1970 of the training ratings, which lie from {} to {}: "
      "convert milliseconds or days, and leave out what is not known",
      time, facts.first_time, last);
}

TrainingFacts read_training_facts(const shards::ShardSet& set, const math::ThreadTeam& team) {
  const shards::Manifest& manifest = set.manifest();
  TrainingFacts facts;
  facts.users = empty_tally(manifest.user_count);
  facts.items = empty_tally(manifest.item_count);
  double sum = 0;
  std::int64_t first_time = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_time = std::numeric_limits<std::int64_t>::min();
  visit_part(set, shards::Part::train, team, [&](const shards::RatingColumns& rows) {
    facts.rows += rows.rating.size();
    for (std::size_t row = 0; row < rows.rating.size(); ++row) {
      const auto rating = static_cast<double>(rows.rating[row]);
      sum += rating;
      add(facts.users, rows.user[row], rating);
      add(facts.items, rows.item[row], rating);
      first_time = std::min(first_time, rows.timestamp[row]);
      last_time = std::max(last_time, rows.timestamp[row]);
    }
  });
  if (facts.rows == 0) return facts;
  facts.mean = sum / static_cast<double>(facts.rows);
  facts.first_time = first_time;
  facts.last_time = last_time;
  return facts;
}

}  // namespace nnrec::serve
