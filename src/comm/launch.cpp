#include "nnrec/comm/launch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "nnrec/base/cores.hpp"
#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/base/wording.hpp"

namespace nnrec::comm {
namespace {

std::string value_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Where launchers say of how many ranks a job is: Open MPI, Hydra and other users of PMI, MVAPICH,
/// jsrun, Flux.
constexpr std::array kRankCounts{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
                                 "JSM_NAMESPACE_SIZE", "FLUX_JOB_SIZE"};

/// Where the same launchers say which of them a process is; Slurm's last, under which others start.
constexpr std::array kRankNumbers{"OMPI_COMM_WORLD_RANK", "PMI_RANK",       "MV2_COMM_WORLD_RANK",
                                  "JSM_NAMESPACE_RANK",   "FLUX_TASK_RANK", "SLURM_PROCID"};

/// Whether srun has started this task. A batch script is none, and is in no step; the numbers of an
/// interactive shell's step, and of others that are Slurm's own, are the last ones.
bool is_srun_task(const Environment& environment) {
  constexpr std::uint32_t kFirstOwnStep = 0xfffffff0;
  for (const char* name : kStepNumbers) {
    const auto step = parse_number<std::uint32_t>(value_of(environment, name));
    if (step && *step < kFirstOwnStep) return true;
  }
  return false;
}

/// The variable in which Slurm counts the tasks that this process is one of; none where it is a
/// script's or a shell's own, whatever tasks these may start.
const char* task_count(const Environment& environment) {
  if (is_srun_task(environment)) return "SLURM_STEP_NUM_TASKS";
  // A script's and a shell's own processes have 0.
  const std::string task = value_of(environment, "SLURM_PROCID");
  return task.empty() || task == "0" ? nullptr : "SLURM_NTASKS";
}

/// What Slurm says of a task among several that got one rank; else empty. More ranks than tasks are
/// no contradiction: under mpirun, or srun --het-group, MPI counts more than Slurm does here.
std::string lone_slurm_task(int ranks, const Environment& environment) {
  const char* name = task_count(environment);
  if (ranks != 1 || name == nullptr) return {};
  const std::string tasks = value_of(environment, name);
  if (std::atoi(tasks.c_str()) <= 1) return {};
  return fmt::format("Slurm says task {} of {} ({})", value_of(environment, "SLURM_PROCID"), tasks,
                     name);
}

/// True when every core of `inner` is one of `outer` (both on one node).
bool is_within(const RankCores& inner, const RankCores& outer) {
  return inner.node == outer.node && std::ranges::includes(outer.allowed, inner.allowed);
}

std::string to_text(const RankCores& cores) {
  return fmt::format("{} {} {} {}", cores.node, cores.node_cores,
                     cores.binding.empty() ? "-" : cores.binding, fmt::join(cores.allowed, " "));
}

RankCores from_text(const std::string& text) {
  std::istringstream words(text);
  RankCores cores;
  words >> cores.node >> cores.node_cores >> cores.binding;
  if (cores.binding == "-") cores.binding.clear();
  for (int core = 0; words >> core;) cores.allowed.push_back(core);
  return cores;
}

/// Of every rank, in rank order. Collective: yes.
std::vector<RankCores> cores_of(Communicator& ranks) {
  std::vector<RankCores> cores;
  for (const std::string& text : ranks.gather_all(to_text(current_rank_cores())))
    cores.push_back(from_text(text));
  return cores;
}

}  // namespace

bool is_led(const Environment& environment) {
  return std::ranges::any_of(
      std::array{"PMIX_RANK", "PMI_RANK", "OMPI_COMM_WORLD_SIZE"},
      [&](const char* name) { return !value_of(environment, name).empty(); });
}

void check_launch(int ranks, const Environment& environment) {
  if (ranks == 1 && value_of(environment, "NNREC_SINGLE_PROCESS") == "1") return;
  const std::string counted = std::to_string(ranks);
  std::string contradiction;
  for (const char* name : kRankCounts) {
    const std::string count = value_of(environment, name);
    if (count == counted) return;
    if (!count.empty() && contradiction.empty())
      contradiction = fmt::format("{} says {}", name, count);
  }
  if (contradiction.empty()) contradiction = lone_slurm_task(ranks, environment);
  if (contradiction.empty()) return;
  throw UsageError(
      "{}, but MPI says {} rank{}: processes that do not see each other would all write the same "
      "files. Launch with the mpirun of the MPI that nnrec was built with, or with srun "
      "--mpi=pmix; set NNREC_SINGLE_PROCESS=1 if one process is meant.",
      contradiction, ranks, plural(static_cast<std::size_t>(ranks)));
}

void check_launcher(const Environment& environment) {
  if (!is_led(environment)) check_launch(1, environment);
}

bool is_alone_in_step(const Environment& environment) {
  return !is_led(environment) && std::ranges::any_of(kStepNumbers, [&](const char* name) {
    return !value_of(environment, name).empty();
  });
}

namespace {

/// Which variable says of several processes; empty where this one is alone.
std::string several_processes(const Environment& environment) {
  if (value_of(environment, "NNREC_SINGLE_PROCESS") == "1") return {};
  std::string several;
  const auto note = [&](const char* name) {
    const int count = std::atoi(value_of(environment, name).c_str());
    if (count > 1 && several.empty()) several = fmt::format("{} says {}", name, count);
    return count;
  };
  for (const char* name : kRankCounts)
    if (note(name) == 1) return {};  // of launchers within each other, the inner one
  if (const char* tasks = task_count(environment)) note(tasks);
  return several;
}

}  // namespace

bool is_first_process(const Environment& environment) {
  if (several_processes(environment).empty()) return true;
  for (const char* name : kRankNumbers) {
    const std::string number = value_of(environment, name);
    if (!number.empty()) return number == "0";
  }
  return true;
}

void check_one_process(const Environment& environment) {
  const std::string several = several_processes(environment);
  if (several.empty()) return;
  throw UsageError(
      "{} processes, and this program runs as one: each would do all the work and write the same. "
      "Start it without mpirun or srun, or with srun -n 1 (--threads uses more cores); set "
      "NNREC_SINGLE_PROCESS=1 if one process is meant.",
      several);
}

RankCores current_rank_cores() {
  RankCores cores;
  cores.node = host_name();
  cores.node_cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  cores.binding = binding_variable([](const char* name) { return std::getenv(name); });
  cores.allowed = allowed_cores();
  return cores;
}

std::string binding_variable(const Environment& environment) {
  constexpr const char* kBind = "OMP_PROC_BIND";
  std::string bind = value_of(environment, kBind);
  std::ranges::transform(bind, bind.begin(), to_lower);
  // What OpenMP does not know it does not heed.
  constexpr std::array kPolicies{"true", "close", "spread", "master", "primary"};
  const std::string_view first = split(bind, ',').front();
  if (std::ranges::find(kPolicies, first) != kPolicies.end()) return kBind;
  if (first == "false") return {};
  for (const char* places : {"OMP_PLACES", "GOMP_CPU_AFFINITY"})
    if (!value_of(environment, places).empty()) return places;
  return {};
}

int share_of_cores(const std::vector<RankCores>& ranks, std::size_t rank) {
  const RankCores& own = ranks[rank];
  double share = 0;
  for (const int core : own.allowed) {
    share += 1.0 / static_cast<double>(std::ranges::count_if(ranks, [&](const RankCores& other) {
               return other.node == own.node && std::ranges::binary_search(other.allowed, core);
             }));
  }
  constexpr double kRounding = 1e-6;  // six sixths are one core
  return std::max(1, static_cast<int>(share + kRounding));
}

int share_of_cores(Communicator& ranks) {
  return share_of_cores(cores_of(ranks), static_cast<std::size_t>(ranks.rank()));
}

std::string thread_warning(const std::vector<RankCores>& ranks, int threads_per_rank) {
  const std::string own_cores =
      fmt::format("--map-by slot:PE={0} (srun: --cpus-per-task={0})", threads_per_rank);
  for (const RankCores& shared : ranks) {
    if (shared.allowed.empty()) continue;
    const auto sharing = static_cast<std::size_t>(
        std::ranges::count_if(ranks, [&](const auto& rank) { return is_within(rank, shared); }));
    // The first thread of each is released.
    if (sharing > 1 && threads_per_rank > 1 && !shared.binding.empty())
      return fmt::format(
          "{} binds the threads of {} ranks on {} to the same cores, for each from the first one "
          "on; unset it, or launch with {}",
          shared.binding, sharing, shared.node, own_cores);
    const std::size_t threads = sharing * static_cast<std::size_t>(threads_per_rank);
    const std::size_t cores = shared.allowed.size();
    if (threads <= cores) continue;
    const std::string facts = fmt::format(
        "{} core{} allowed, {} thread{} asked ({} rank{} x {}) on {}: threads will share cores",
        cores, plural(cores), threads, plural(threads), sharing, plural(sharing), threads_per_rank,
        shared.node);
    if (std::cmp_less(cores, shared.node_cores))
      return fmt::format("{}; launch with --bind-to none or {}", facts, own_cores);
    return fmt::format("{}; the host has no more cores: use fewer threads or ranks on it", facts);
  }
  return {};
}

std::string thread_warning(Communicator& ranks, int threads_per_rank) {
  return thread_warning(cores_of(ranks), threads_per_rank);
}

}  // namespace nnrec::comm
