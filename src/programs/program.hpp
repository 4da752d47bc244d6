#pragma once

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "nnrec/base/current_error.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/math/thread_team.hpp"

namespace nnrec::programs {

/// OpenMP threads that wait spin by default; where another program wants one of the cores, each
/// step then waits for a thread that is not running. Sleeping
/// instead costs a few percent on an idle machine. OpenMP reads the setting before main, so the
/// program starts itself anew with it, once; a user's own setting is left alone.
inline void let_waiting_threads_sleep(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (setenv("OMP_WAIT_POLICY", "passive", 1) != 0) return;
  execv("/proc/self/exe", argv);  // comes back only where it cannot: then threads spin, as before
}

/// A file opened where a standard stream was closed (`>&-`) would take its number, and what is
/// printed would go into the file. Such a stream refuses instead.
inline void occupy_standard_streams() {
  // Opened in the direction that is not the stream's own, so that using it fails.
  const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int stream = 0; stream < 3; ++stream) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    if (open("/dev/null", modes[stream]) != stream) return;  // No /dev/null: as it was.
  }
}

/// What every main does first.
inline void start_program(char** argv) {
  math::release_first_thread();  // first: a program that is started anew has the cores of this one
  let_waiting_threads_sleep(argv);
  occupy_standard_streams();
  // A file beyond the limit on sizes (ulimit -f) is an error with a message, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  // Where whoever starts the program ignores it, nobody could wait for gnuplot.
  std::signal(SIGCHLD, SIG_DFL);
}

/// Prints `program: message` for the exception in flight and returns its exit code.
/// Call it inside a catch block.
inline int report_exception(const char* program) {
  const Error error = current_error();
  std::fprintf(stderr, "%s: %s\n", program, error.what());
  return exit_code(error.kind());
}

inline const char* environment_variable(const char* name) {
  return std::getenv(name);
}

/// Whether a command prints a text and does no more.
inline bool asks_for_text(const std::vector<std::string>& arguments) {
  return std::ranges::any_of(arguments, [](const std::string& word) {
    return word == "--help" || word == "-h" || word == "--version";
  });
}

/// The main of a program without ranks: runs `command(arguments)`, maps exceptions to exit codes.
/// Of several processes that are started for a text alone, the first prints it.
template <typename Command>
int run_program(const char* program, int argc, char** argv, const Command& command) noexcept {
  start_program(argv);
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!asks_for_text(arguments)) {
      comm::check_one_process(environment_variable);
    } else if (!comm::is_first_process(environment_variable)) {
      return 0;
    }
    command(arguments);
    return 0;
  } catch (...) {
    return report_exception(program);
  }
}

}  // namespace nnrec::programs
