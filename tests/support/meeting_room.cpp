#include "support/meeting_room.hpp"

#include <cstring>

#include "nnrec/base/error.hpp"

namespace nnrec::test {
namespace {

bool same_call(const Call& a, const Call& b) {
  return std::strcmp(a.operation, b.operation) == 0 && a.count == b.count && a.root == b.root;
}

/// As much of a call as tells it from `other`.
std::string difference(const Call& call, const Call& other) {
  std::string text = call.operation;
  if (std::strcmp(call.operation, other.operation) != 0) return text;
  if (call.count != other.count) text += fmt::format(" of {}", call.count);
  if (call.root != other.root) text += fmt::format(" from root {}", call.root);
  return text;
}

}  // namespace

void MeetingRoom::meet(int rank, const Group& group, const Call& call, void* brought,
                       const Work& work) {
  std::unique_lock lock(mutex_);
  if (failure_) throw_failure();
  Seat& own = seat(rank);
  const std::uint64_t meetings_before = own.meetings;
  own.state = State::waiting;
  own.group = group;
  own.call = call;
  own.brought = brought;
  check_peers(rank);
  if (all_waiting(group)) {
    finish(group, work);
    return;
  }
  // A meeting that ended well counts even if a rank failed right after it.
  changed_.wait(lock, [&] { return own.meetings != meetings_before || failure_.has_value(); });
  if (own.meetings == meetings_before) throw_failure();
}

bool MeetingRoom::all_waiting(const Group& group) {
  for (int peer = group.first; peer < group.first + group.size; ++peer)
    if (seat(peer).state != State::waiting) return false;
  return true;
}

/// Fails when a rank of the group can no longer come: it left, or waits in another meeting for us.
void MeetingRoom::check_peers(int rank) {
  const Seat& own = seat(rank);
  for (int peer = own.group.first; peer < own.group.first + own.group.size; ++peer) {
    const Seat& other = seat(peer);
    if (other.state == State::left)
      set_failure(
          fmt::format("rank {} left while rank {} called {}", peer, rank, own.call.operation));
    if (other.state == State::waiting && other.group != own.group && other.group.contains(rank))
      set_failure(fmt::format("rank {} called {} while rank {} called {}", rank, own.call.operation,
                              peer, other.call.operation));
    if (failure_) throw_failure();
  }
}

void MeetingRoom::check_calls(const Group& group) {
  const Call& first = seat(group.first).call;
  for (int peer = group.first + 1; peer < group.first + group.size; ++peer) {
    const Call& call = seat(peer).call;
    if (same_call(call, first)) continue;
    set_failure(fmt::format("rank {} called {} while rank {} called {}", peer,
                            difference(call, first), group.first, difference(first, call)));
    throw_failure();
  }
}

void MeetingRoom::finish(const Group& group, const Work& work) {
  check_calls(group);
  std::vector<void*> brought;
  for (int peer = group.first; peer < group.first + group.size; ++peer)
    brought.push_back(seat(peer).brought);
  work(brought);
  for (int peer = group.first; peer < group.first + group.size; ++peer) {
    seat(peer).state = State::running;
    ++seat(peer).meetings;
  }
  changed_.notify_all();
}

void MeetingRoom::leave(int rank) {
  const std::scoped_lock lock(mutex_);
  seat(rank).state = State::left;
  for (int peer = 0; peer < static_cast<int>(seats_.size()); ++peer) {
    const Seat& other = seat(peer);
    if (other.state != State::waiting || !other.group.contains(rank)) continue;
    set_failure(
        fmt::format("rank {} left while rank {} called {}", rank, peer, other.call.operation));
    return;
  }
}

void MeetingRoom::fail(int rank, const std::string& message) {
  const std::scoped_lock lock(mutex_);
  seat(rank).state = State::left;
  set_failure(fmt::format("rank {} failed: {}", rank, message));
}

/// The first failure stays: later ones follow from it.
void MeetingRoom::set_failure(const std::string& message) {
  if (!failure_) failure_ = message;
  changed_.notify_all();
}

void MeetingRoom::throw_failure() const {
  throw PeerError("{}", *failure_);
}

}  // namespace nnrec::test
