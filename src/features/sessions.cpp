#include "nnrec/features/sessions.hpp"

#include <algorithm>

namespace nnrec::features {
namespace {

/// Seconds from one time to a later one; they may be as far apart as numbers go.
std::uint64_t seconds_between(std::int64_t earlier, std::int64_t later) {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

/// Adds the moments of one user, whose times are sorted.
void add_moments(std::span<const std::int64_t> times, std::vector<Moment>& moments) {
  bool is_first = true;
  for (const std::int64_t time : times) {
    if (!is_first && moments.back().time == time) {
      ++moments.back().ratings;
      continue;
    }
    const Moment last = moments.empty() ? Moment{} : moments.back();
    const auto follows = [&](std::int64_t gap) {
      return !is_first && seconds_between(last.time, time) <= static_cast<std::uint64_t>(gap);
    };
    moments.push_back({time, 1, last.visit + (follows(kVisitGapSeconds) ? 0 : 1),
                       last.sitting + (follows(kSittingGapSeconds) ? 0 : 1)});
    is_first = false;
  }
}

}  // namespace

SessionRows Sessions::rows_at(std::uint32_t user, std::int64_t time) const {
  if (user + std::size_t{1} >= first.size() || first[user] == first[user + 1]) return {};
  const auto own = moments.subspan(first[user], first[user + 1] - first[user]);
  auto nearest = std::ranges::lower_bound(own, time, {}, &Moment::time);
  if (nearest == own.end() ||
      (nearest != own.begin() &&
       seconds_between(std::prev(nearest)->time, time) <= seconds_between(time, nearest->time))) {
    --nearest;
  }
  const std::uint64_t away = nearest->time < time ? seconds_between(nearest->time, time)
                                                  : seconds_between(time, nearest->time);
  const auto page = first[user] + static_cast<std::uint64_t>(nearest - own.begin()) + 1;
  return {away == 0 ? static_cast<std::uint32_t>(page) : 0,
          away <= kVisitGapSeconds ? nearest->visit : 0,
          away <= kSittingGapSeconds ? nearest->sitting : 0};
}

void SessionBuilder::add(const shards::RatingColumns& ratings) {
  users_.insert(users_.end(), ratings.user.begin(), ratings.user.end());
  times_.insert(times_.end(), ratings.timestamp.begin(), ratings.timestamp.end());
}

OwnedSessions SessionBuilder::finish(std::uint64_t users) {
  std::vector<std::uint64_t> ends(users + 1, 0);
  for (const std::uint32_t user : users_) ++ends[user + 1];
  for (std::uint64_t user = 0; user < users; ++user) ends[user + 1] += ends[user];
  std::vector<std::int64_t> sorted(times_.size());
  std::vector<std::uint64_t> next(ends.begin(), ends.end());
  for (std::size_t i = 0; i < times_.size(); ++i) sorted[next[users_[i]]++] = times_[i];
  OwnedSessions sessions;
  sessions.first.push_back(0);
  for (std::uint64_t user = 0; user < users; ++user) {
    const auto times = std::span(sorted).subspan(ends[user], ends[user + 1] - ends[user]);
    std::ranges::sort(times);
    add_moments(times, sessions.moments);
    sessions.first.push_back(sessions.moments.size());
  }
  return sessions;
}

}  // namespace nnrec::features
