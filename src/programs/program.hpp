#pragma once

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"

namespace nnrec::programs {

/// Prints `program: message` for the exception in flight and returns its exit code.
/// Call it inside a catch block.
inline int report_exception(const char* program) noexcept {
  try {
    throw;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return exit_code(error.kind());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "%s: out of memory; use a smaller data set or batch\n", program);
    return exit_code(ErrorKind::io);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: internal error: %s\n", program, error.what());
    return exit_code(ErrorKind::internal);
  }
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
