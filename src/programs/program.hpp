#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "nnrec/base/current_error.hpp"

namespace nnrec::programs {

/// Prints `program: message` for the exception in flight and returns its exit code.
/// Call it inside a catch block.
inline int report_exception(const char* program) {
  const Error error = current_error();
  std::fprintf(stderr, "%s: %s\n", program, error.what());
  return exit_code(error.kind());
}

/// The main of a program without ranks: runs `command(arguments)`, maps exceptions to exit codes.
template <typename Command>
int run_program(const char* program, int argc, char** argv, const Command& command) noexcept {
  try {
    command(std::vector<std::string>(argv + 1, argv + argc));
    return 0;
  } catch (...) {
    return report_exception(program);
  }
}

}  // namespace nnrec::programs
