#pragma once

#include <atomic>
#include <cstdint>

namespace nnrec::comm {

/// A barrier in memory that processes share: who comes early looks for a while whether the others
/// have come, then sleeps (futex). What was written before it is seen behind it by all.
class SharedBarrier {
 public:
  /// How long that is. Where processes outnumber cores, about a microsecond: who looks may keep
  /// another from coming. Where each has a core, some 50, which is what being woken would cost.
  enum class Patience { short_looks, long_looks };

  /// Zeroed before anyone meets here.
  struct Memory {
    std::atomic<std::uint32_t> round;    ///< meetings that have ended; sleepers wait for a change
    std::atomic<std::uint32_t> arrived;  ///< of this meeting
    std::atomic<std::uint32_t> sleepers;
  };
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

  /// For `size` processes, each with an object of its own on the same memory, which outlives it.
  SharedBarrier(Memory& memory, int size, Patience patience = Patience::short_looks) noexcept;

  /// Returns when all have called it. Throws PeerError where they do not and the process that
  /// started this one has ended: nobody else would end a rank that waits for a dead one.
  void wait();

 private:
  void require_launcher() const;

  Memory* memory_;
  std::uint32_t size_;
  int looks_;
  std::int64_t launcher_;  ///< its process
};

}  // namespace nnrec::comm
