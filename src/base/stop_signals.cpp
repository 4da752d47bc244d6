#include "nnrec/base/stop_signals.hpp"

#include <atomic>
#include <cstdint>

#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace nnrec {
namespace {

constexpr std::int64_t kNever = -1;

// What a handler may touch: lock-free and of the process, as signals are.
std::atomic<int> first_signal{0};
std::atomic<std::int64_t> first_seconds{kNever};
static_assert(std::atomic<int>::is_always_lock_free);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::int64_t kOneRequestSeconds = 1;

std::int64_t monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void note_signal(int signal) {
  // The time comes first: another thread's signal may find the first one noted already.
  const std::int64_t now = monotonic_seconds();
  std::int64_t never = kNever;
  first_seconds.compare_exchange_strong(never, now);
  int none = 0;
  const bool is_repeated = signal == SIGXCPU || signal == SIGUSR1;
  if (first_signal.compare_exchange_strong(none, signal) || is_repeated) return;
  // Whole seconds: "more than one" has certainly passed one.
  if (now - first_seconds > kOneRequestSeconds) _exit(128 + signal);
}

sigset_t of_stops() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : StopSignals::kSignals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void StopSignals::hold() {
  const sigset_t set = of_stops();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

StopSignals::StopSignals() {
  first_signal = 0;
  first_seconds = kNever;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;  // reads and writes that a signal meets go on
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &action, &former_[i]);
    const bool stays_ignored = kSignals[i] == SIGHUP && former_[i].sa_handler == SIG_IGN;
    if (stays_ignored) sigaction(SIGHUP, &former_[i], nullptr);
  }
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &former_pipe_);
  const sigset_t set = of_stops();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &former_[i], nullptr);
  sigaction(SIGPIPE, &former_pipe_, nullptr);
}

int StopSignals::received() const noexcept {
  return first_signal;
}

bool StopSignals::stop_is_asked() noexcept {
  return first_signal != 0;
}

}  // namespace nnrec
