#include "nnrec/base/cores.hpp"

#include <cstddef>
#include <memory>

#include <sched.h>

namespace nnrec {
namespace {

using CoreSet = std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)>;

/// Of kMostCores cores.
CoreSet new_core_set() {
  return CoreSet(CPU_ALLOC(kMostCores), [](cpu_set_t* allocated) { CPU_FREE(allocated); });
}

const std::size_t kBytes = CPU_ALLOC_SIZE(kMostCores);

}  // namespace

std::vector<int> allowed_cores() {
  std::vector<int> cores;
  const CoreSet set = new_core_set();
  if (!set || sched_getaffinity(0, kBytes, set.get()) != 0) return cores;
  for (int core = 0; core < kMostCores; ++core)
    if (CPU_ISSET_S(static_cast<std::size_t>(core), kBytes, set.get())) cores.push_back(core);
  return cores;
}

void allow_cores(const std::vector<int>& cores) {
  const CoreSet set = new_core_set();
  if (!set) return;
  CPU_ZERO_S(kBytes, set.get());
  for (const int core : cores) CPU_SET_S(static_cast<std::size_t>(core), kBytes, set.get());
  sched_setaffinity(0, kBytes, set.get());  // refuses a set of none
}

}  // namespace nnrec
