#include "nnrec/comm/shared_barrier.hpp"

#include <climits>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"

namespace nnrec::comm {
namespace {

/// Looks at the round before a process sleeps.
constexpr int kShortLooks = 60;
constexpr int kLongLooks = 4000;

void rest_a_moment() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Not the private kind: the waiters are processes. A result is of no use: whoever wakes, by an
// error or a signal too, looks again.

/// For a second at most.
void sleep_while(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
  constexpr timespec kMost{1, 0};
  syscall(SYS_futex, &word, FUTEX_WAIT, value, &kMost, nullptr, 0);
}

void wake_all(std::atomic<std::uint32_t>& word) noexcept {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace

SharedBarrier::SharedBarrier(Memory& memory, int size, Patience patience) noexcept
    : memory_(&memory),
      size_(static_cast<std::uint32_t>(size)),
      looks_(patience == Patience::long_looks ? kLongLooks : kShortLooks),
      launcher_(getppid()) {}

/// Of a killed launcher's ranks those end that MPI tells so, which here it cannot.
void SharedBarrier::require_launcher() const {
  if (getppid() == launcher_) return;
  throw PeerError(
      "the process that started this rank ({}) is gone, and the other ranks of the node do not "
      "come: the job was killed. The same command goes on from the newest checkpoint.",
      launcher_);
}

void SharedBarrier::wait() {
  const std::uint32_t round = memory_->round.load();
  if (memory_->arrived.fetch_add(1) + 1 == size_) {
    memory_->arrived.store(0);
    memory_->round.store(round + 1);
    // In one order of all such accesses a sleeper is counted here, or it finds the new round.
    if (memory_->sleepers.load() > 0) wake_all(memory_->round);
    return;
  }
  for (int look = 0; look < looks_; ++look) {
    if (memory_->round.load() != round) return;
    rest_a_moment();
  }
  memory_->sleepers.fetch_add(1);
  while (memory_->round.load() == round) {
    sleep_while(memory_->round, round);
    if (memory_->round.load() == round) require_launcher();
  }
  memory_->sleepers.fetch_sub(1);
}

}  // namespace nnrec::comm
