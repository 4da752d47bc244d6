#include "nnrec/base/stop_signals.hpp"

#include <atomic>
#include <cstdint>

#include <time.h>
#include <unistd.h>

namespace nnrec {
namespace {

// What a handler may touch: lock-free and of the process, as signals are.
std::atomic<int> first_signal{0};
std::atomic<std::int64_t> first_seconds{0};
static_assert(std::atomic<int>::is_always_lock_free);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::int64_t kOneRequestSeconds = 1;

std::int64_t monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void note_signal(int signal) {
  int none = 0;
  if (first_signal.compare_exchange_strong(none, signal)) {
    first_seconds = monotonic_seconds();
    return;
  }
  // Whole seconds: "more than one" has certainly passed one.
  if (monotonic_seconds() - first_seconds > kOneRequestSeconds) _exit(128 + signal);
}

}  // namespace

StopSignals::StopSignals() {
  first_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;  // reads and writes that a signal meets go on
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &former_[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &former_[i], nullptr);
}

int StopSignals::received() const noexcept {
  return first_signal;
}

bool StopSignals::stop_is_asked() noexcept {
  return first_signal != 0;
}

}  // namespace nnrec
