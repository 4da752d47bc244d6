// core_distance_benchmark: how far the first two processors that this process may use are from each
// other: the time that a cache line takes from one to the other, in ns, median of five. Figures of
// two threads or ranks mean little without it: virtual machines place them on one core complex or
// on two.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include <sched.h>

#include "nnrec/base/stopwatch.hpp"

namespace {

constexpr int kTurns = 200000;

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof(set), &set);
}

double nanoseconds_one_way(int first, int second) {
  alignas(64) std::atomic<int> turn{0};
  const auto play = [&turn](int cpu, int parity) {
    stay_on(cpu);
    for (int t = parity; t < kTurns; t += 2) {
      while (turn.load(std::memory_order_acquire) != t) {
      }
      turn.store(t + 1, std::memory_order_release);
    }
  };
  const nnrec::Stopwatch watch;
  std::thread other(play, second, 1);
  std::thread one(play, first, 0);
  one.join();
  other.join();
  return 1e9 * watch.seconds() / kTurns;
}

}  // namespace

int main() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof(allowed), &allowed);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE && cpus.size() < 2; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  }
  if (cpus.size() < 2) {
    std::puts("one processor");
    return 0;
  }
  std::array<double, 5> times{};
  for (double& time : times) time = nanoseconds_one_way(cpus[0], cpus[1]);
  std::sort(times.begin(), times.end());
  std::printf("processors %d and %d: %.0f ns\n", cpus[0], cpus[1], times[2]);
}
