#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nnrec::test {

/// Consecutive ranks that meet: all of them, or those of one node.
struct Group {
  int first = 0;
  int size = 1;
  bool contains(int rank) const noexcept { return rank >= first && rank < first + size; }
  bool operator==(const Group&) const = default;
};

/// What a rank asks for. Calls that meet must be equal.
struct Call {
  const char* operation = "";
  std::size_t count = 0;
  int root = 0;
};

/// Where rank threads meet for a collective: the last of a group to come compares the calls, does
/// the work and releases the rest. The first failure (a rank that threw, left early or called
/// something else) ends this and every later meeting with a PeerError; nobody is left waiting.
class MeetingRoom {
 public:
  /// Works on what the ranks of the group brought, in rank order.
  using Work = std::function<void(std::span<void* const> brought)>;

  explicit MeetingRoom(int size) : seats_(static_cast<std::size_t>(size)) {}

  /// Returns when all ranks of `group` have called and `work` is done.
  void meet(int rank, const Group& group, const Call& call, void* brought, const Work& work);
  /// The rank will not call again; whoever waits for it, now or later, fails.
  void leave(int rank);
  /// The rank failed for a reason of its own.
  void fail(int rank, const std::string& message);

 private:
  enum class State { running, waiting, left };
  struct Seat {
    State state = State::running;
    Group group;
    Call call;
    void* brought = nullptr;
    std::uint64_t meetings = 0;  // ended well
  };

  Seat& seat(int rank) { return seats_[static_cast<std::size_t>(rank)]; }
  bool all_waiting(const Group& group);
  void check_peers(int rank);
  void check_calls(const Group& group);
  void finish(const Group& group, const Work& work);
  void set_failure(const std::string& message);
  [[noreturn]] void throw_failure() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seat> seats_;
  std::optional<std::string> failure_;
};

}  // namespace nnrec::test
