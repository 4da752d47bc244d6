#pragma once

namespace nnrec::programs {

/// The instruction sets beyond the first x86-64 that this build may use, and their names.
struct NeededInstructions {
  bool sse42, avx, avx2, bmi2, fma, avx512;
};
extern const NeededInstructions kNeededInstructions;

}  // namespace nnrec::programs
