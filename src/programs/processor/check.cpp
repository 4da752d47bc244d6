// Compiled for every x86-64 processor (CMakeLists.txt), unlike the rest.
#include <cstring>

#include <unistd.h>

#include "needed.hpp"

namespace nnrec::programs {
namespace {

void say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

const char* missing_instructions() {
  const NeededInstructions& needed = kNeededInstructions;
  if (needed.sse42 && !__builtin_cpu_supports("sse4.2")) return "SSE4.2";
  if (needed.avx && !__builtin_cpu_supports("avx")) return "AVX";
  if (needed.avx2 && !__builtin_cpu_supports("avx2")) return "AVX2";
  if (needed.bmi2 && !__builtin_cpu_supports("bmi2")) return "BMI2";
  if (needed.fma && !__builtin_cpu_supports("fma")) return "FMA";
  if (needed.avx512 && !__builtin_cpu_supports("avx512f")) return "AVX-512";
  return nullptr;
}

/// Ends the program with a sentence where its first instruction of a newer kind would end it with
/// SIGILL. Before all other constructors (101 is the first that a program may ask for).
__attribute__((constructor(101))) void require_processor() {
  __builtin_cpu_init();
  const char* missing = missing_instructions();
  if (missing == nullptr) return;
  say("nnrec: this processor has no ");
  say(missing);
  say(", which this build (NNREC_ARCH=" NNREC_ARCH
      ") needs. Build it with cmake -DNNREC_ARCH=x86-64, or run it on a newer processor.\n");
  constexpr int kMachineError = 3;
  _exit(kMachineError);
}

}  // namespace
}  // namespace nnrec::programs
