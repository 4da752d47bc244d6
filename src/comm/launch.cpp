#include "nnrec/comm/launch.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::comm {
namespace {

std::string value_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// True when every core of `inner` is one of `outer` (both on one node).
bool is_within(const RankCores& inner, const RankCores& outer) {
  return inner.node == outer.node && std::ranges::includes(outer.allowed, inner.allowed);
}

std::string to_text(const RankCores& cores) {
  return fmt::format("{} {} {}", cores.node, cores.node_cores, fmt::join(cores.allowed, " "));
}

RankCores from_text(const std::string& text) {
  std::istringstream words(text);
  RankCores cores;
  words >> cores.node >> cores.node_cores;
  for (int core = 0; words >> core;) cores.allowed.push_back(core);
  return cores;
}

const char* plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

}  // namespace

void check_launch(int ranks, const Environment& environment) {
  if (ranks != 1 || value_of(environment, "NNREC_SINGLE_PROCESS") == "1") return;
  // mpirun -np 1 inside a larger allocation is meant so: mpirun tells its ranks how many they are.
  if (!value_of(environment, "OMPI_COMM_WORLD_SIZE").empty()) return;
  const std::string tasks = value_of(environment, "SLURM_NTASKS");
  const std::string task = value_of(environment, "SLURM_PROCID");
  if (task.empty() || std::atoi(tasks.c_str()) <= 1) return;
  throw UsageError(
      "Slurm says task {} of {} (SLURM_NTASKS), but MPI says 1 rank: the tasks do not see each "
      "other and would all write the same files. Launch with srun --mpi=pmix or with mpirun; set "
      "NNREC_SINGLE_PROCESS=1 if one process is meant.",
      task, tasks);
}

void check_launcher(const Environment& environment) {
  // PMIx (srun --mpi=pmix, mpirun) and the older PMI (other MPIs, srun --mpi=pmi2).
  for (const char* name : {"PMIX_RANK", "PMI_RANK"})
    if (!value_of(environment, name).empty()) return;
  check_launch(1, environment);
}

RankCores current_rank_cores() {
  RankCores cores;
  cores.node = host_name();
  cores.node_cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  constexpr int kMostCores = 8192;  // more than a cpu_set_t of fixed size holds
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(
      CPU_ALLOC(kMostCores), [](cpu_set_t* allocated) { CPU_FREE(allocated); });
  const std::size_t bytes = CPU_ALLOC_SIZE(kMostCores);
  if (!set || sched_getaffinity(0, bytes, set.get()) != 0) return cores;  // unknown: no warning
  for (int core = 0; core < kMostCores; ++core)
    if (CPU_ISSET_S(static_cast<std::size_t>(core), bytes, set.get()))
      cores.allowed.push_back(core);
  return cores;
}

std::string thread_warning(const std::vector<RankCores>& ranks, int threads_per_rank) {
  for (const RankCores& shared : ranks) {
    if (shared.allowed.empty()) continue;
    const auto sharing = static_cast<std::size_t>(
        std::ranges::count_if(ranks, [&](const auto& rank) { return is_within(rank, shared); }));
    const std::size_t threads = sharing * static_cast<std::size_t>(threads_per_rank);
    const std::size_t cores = shared.allowed.size();
    if (threads <= cores) continue;
    const std::string facts = fmt::format(
        "{} core{} allowed, {} thread{} asked ({} rank{} x {}) on {}: threads will share cores",
        cores, plural(cores), threads, plural(threads), sharing, plural(sharing), threads_per_rank,
        shared.node);
    if (std::cmp_less(cores, shared.node_cores))
      return fmt::format("{}; launch with --bind-to none or --map-by slot:PE={}", facts,
                         threads_per_rank);
    return fmt::format("{}; the host has no more cores: use fewer threads or ranks on it", facts);
  }
  return {};
}

std::string thread_warning(Communicator& ranks, int threads_per_rank) {
  std::vector<RankCores> cores;
  for (const std::string& text : ranks.gather_all(to_text(current_rank_cores())))
    cores.push_back(from_text(text));
  return thread_warning(cores, threads_per_rank);
}

}  // namespace nnrec::comm
