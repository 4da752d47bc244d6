#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "nnrec/base/current_error.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/mpi/mpi_session.hpp"

#include "program.hpp"

namespace nnrec::programs {

/// A command that all ranks run together; only rank 0's log speaks.
using RankCommand = std::function<void(const std::vector<std::string>& arguments,
                                       comm::Communicator& ranks, Log& log)>;

/// Open MPI's launcher lends each rank a terminal of its own, whatever its output goes to; there
/// NNREC_TERMINAL=1 says that the output is seen on one.
inline Log::Progress progress_of_launch() {
  if (std::getenv("NNREC_TERMINAL") != nullptr) return Log::Progress::rewrite;
  const bool launched = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr;
  return launched ? Log::Progress::lines : Log::Progress::detect;
}

/// Runs `command` within `session`. Returns the exit code when the ranks end together: after
/// success or an AgreedError, which rank 0 prints for all. A rank that fails alone prints and ends
/// the job.
inline int run_on_ranks(const char* program, const std::vector<std::string>& arguments,
                        mpi::MpiSession& session, const RankCommand& command) {
  comm::Communicator& ranks = session.world();
  try {
    if (!asks_for_text(arguments)) {
      comm::check_launch(ranks.size(), environment_variable);
    } else if (ranks.size() == 1 && !comm::is_first_process(environment_variable)) {
      return 0;
    }
    Log log = ranks.rank() == 0 ? Log(stdout, progress_of_launch()) : Log::silent();
    command(arguments, ranks, log);
    return 0;
  } catch (const comm::AgreedError& error) {
    return ranks.rank() == 0 ? report_exception(program) : exit_code(error.kind());
  } catch (...) {
    if (ranks.size() == 1) return report_exception(program);  // alone, every error is agreed
    const Error error = current_error();
    std::fprintf(stderr, "%s: rank %d: %s\n", program, ranks.rank(), error.what());
    mpi::MpiSession::abort(exit_code(error.kind()));
  }
}

/// What a command prints that was asked for a text where no launcher leads the processes to each
/// other: the first does, without MPI, which they may have no way to start.
inline void print_text(const std::vector<std::string>& arguments, const RankCommand& command) {
  if (!comm::is_first_process(environment_variable)) return;
  comm::SelfCommunicator alone(mpi::library());
  Log log(stdout);
  command(arguments, alone, log);
}

/// The main of a program of MPI ranks: the session outside, the try block inside its life.
inline int run_mpi_program(const char* program, int argc, char** argv, const RankCommand& command,
                           const mpi::MpiSession::Options& options = {}) {
  start_program(argv);
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (asks_for_text(arguments) && !comm::is_led(environment_variable)) {
      print_text(arguments, command);
      return 0;
    }
    comm::check_launcher(environment_variable);
    if (comm::is_alone_in_step(environment_variable)) {
      for (const char* name : comm::kStepNumbers) unsetenv(name);
    }
    mpi::MpiSession session(options);
    const int code = run_on_ranks(program, arguments, session, command);
    session.finish();
    return code;
  } catch (...) {  // MPI was not started, or did not start or end
    return report_exception(program);
  }
}

}  // namespace nnrec::programs
