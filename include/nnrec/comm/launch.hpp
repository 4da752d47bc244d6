#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "nnrec/comm/communicator.hpp"

namespace nnrec::comm {

/// Looks up an environment variable; nullptr when it is not set (as std::getenv).
using Environment = std::function<const char*(const char* name)>;

/// Refuses the launch in which MPI has another number of ranks than the launcher says: processes
/// that do not know of each other (srun without a matching PMIx, another MPI's mpiexec) would each
/// be rank 0 of 1 and write the same files. Of launchers within each other, one that agrees is
/// enough; what goes by is one process of a Slurm batch script or interactive shell, whatever tasks
/// its job has. NNREC_SINGLE_PROCESS=1 in the environment says that one process is meant.
/// Throws UsageError.
void check_launch(int ranks, const Environment& environment);

/// The same before MPI starts, where nothing in the environment leads a task to the others: Open
/// MPI would end such tasks with a message about how it was built. Throws UsageError.
void check_launcher(const Environment& environment);

/// Whether something leads this process to the others: PMIx (srun --mpi=pmix, mpirun), the older
/// PMI (other MPIs, srun --mpi=pmi2), an older mpirun.
bool is_led(const Environment& environment);

/// Where Slurm says which step a process is in.
inline constexpr std::array kStepNumbers{"SLURM_STEP_ID", "SLURM_STEPID"};

/// Whether this process, which check_launcher lets by, is alone in a step of Slurm's. By
/// kStepNumbers Open MPI would take it for a task of srun's, and end it because nothing leads it to
/// others; without them it is taken for a batch script's.
bool is_alone_in_step(const Environment& environment);

/// Refuses the launch of several processes of a program that has no ranks: each would do all the
/// work, print it, and write the same files. What goes by is one process of a batch script,
/// whatever tasks its job has, and one of srun -n 1 or mpirun -np 1. NNREC_SINGLE_PROCESS=1: as
/// above. Throws UsageError.
void check_one_process(const Environment& environment);

/// Whether this process speaks where check_one_process would refuse and yet each may run, as for
/// --help: the first of several, by what the launcher says, and whoever is alone.
bool is_first_process(const Environment& environment);

/// Where a rank may run.
struct RankCores {
  std::string node;            // host name
  int node_cores = 0;          // cores of the host that are online
  std::vector<int> allowed{};  // cores that the launcher lets this rank use, ascending
  std::string binding{};       // the variable by which OpenMP binds the rank's threads; else empty
};

/// The allowed cores of the calling process (sched_getaffinity). Collective: no.
RankCores current_rank_cores();

/// The variable that has OpenMP bind threads to cores; empty where none does.
std::string binding_variable(const Environment& environment);

/// The threads that `rank` gets where nobody says how many: its part of the cores that it may use,
/// each of them shared out to the ranks of the node that may use it; at least one.
int share_of_cores(const std::vector<RankCores>& ranks, std::size_t rank);

/// share_of_cores of the calling rank as the ranks run now. Collective: yes.
int share_of_cores(Communicator& ranks);

/// One line with the launch option to use when the threads of the ranks that share their allowed
/// cores are more than these cores, or when OpenMP binds those of several ranks to the same ones;
/// empty when every thread can have a core.
std::string thread_warning(const std::vector<RankCores>& ranks, int threads_per_rank);

/// thread_warning over the ranks as they run now; the same text on every rank. Collective: yes.
std::string thread_warning(Communicator& ranks, int threads_per_rank);

}  // namespace nnrec::comm
