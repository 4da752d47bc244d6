#include "nnrec/train/stall_watch.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nnrec/train/station.hpp"

namespace nnrec::train {
namespace {

std::uint64_t ended_phases(const ProgressBoard& board) {
  std::uint64_t sum = 0;
  for (const RankProgress& place : board.places()) sum += place.ended;
  return sum;
}

}  // namespace

ProgressBoard::ProgressBoard(comm::Communicator& ranks)
    : places_(node_array<RankProgress>(ranks, static_cast<std::size_t>(ranks.node_size()))),
      ranks_(node_array<int>(ranks, places_.size())),
      own_(static_cast<std::size_t>(ranks.node_rank())) {
  ranks_[own_] = ranks.rank();
  ranks.node_barrier();
}

std::string describe_stall(const ProgressBoard& board, std::chrono::seconds since) {
  const auto places = board.places();
  std::vector<std::uint64_t> ended;
  for (const RankProgress& place : places) ended.push_back(place.ended);
  const auto [least, most] = std::ranges::minmax(ended);
  std::vector<std::string> behind;
  for (std::size_t place = 0; place < places.size(); ++place) {
    if (ended[place] != least) continue;
    behind.push_back(fmt::format("rank {} in step {}, after its phase '{}'", board.rank_of(place),
                                 places[place].step.load(),
                                 kPhaseNames.at(places[place].phase.load())));
  }
  const std::string begin =
      fmt::format("for {} s no rank has ended a phase of a step", since.count());
  if (least != most)
    return fmt::format("{}: the others wait for {}", begin, fmt::join(behind, "; "));
  // Whoever has come to an agreement waits there as the others do: no place tells them apart.
  return fmt::format(
      "{}: the ranks of this node have all ended as many ({}). They wait in an agreement of all "
      "ranks, which one of these or of another node's has not come to: it stands still, or its "
      "device does",
      begin, fmt::join(behind, "; "));
}

StallWatch::StallWatch(const ProgressBoard& board, std::chrono::milliseconds timeout, Say say)
    : board_(board), timeout_(timeout), say_(std::move(say)), thread_([this] { watch(); }) {}

StallWatch::~StallWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void StallWatch::watch() {
  using Clock = std::chrono::steady_clock;
  std::uint64_t seen = ended_phases(board_);
  auto since = Clock::now();
  bool is_said = false;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, timeout_ / 8, [this] { return is_over_; })) {
    const std::uint64_t now = ended_phases(board_);
    if (now != seen) {
      seen = now;
      since = Clock::now();
      is_said = false;
    } else if (!is_said && Clock::now() - since >= timeout_) {
      is_said = true;
      say_(describe_stall(board_,
                          std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - since)));
    }
  }
}

}  // namespace nnrec::train
