#pragma once

/// In front of a function whose loops are plain C++: the program holds it once for each level of
/// x86-64, and the loader takes the best that the processor has. The build's own level stays low,
/// so that one program runs everywhere, and the loops get wide vectors and fused multiply-adds
/// where there are any. No bit depends on it: -ffp-contract=off fuses by name alone, and
/// std::fma() is one rounding everywhere, by a library call where the processor has no
/// instruction. For functions of one source file, not inline ones.
///
/// Nothing on other processors; nor with compilers that know no levels here (clang before 17), nor
/// under sanitizers, which are not set up when the loader asks.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    ((defined(__clang__) && __clang_major__ >= 17) || (!defined(__clang__) && __GNUC__ >= 12))
#define NNREC_PER_PROCESSOR \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define NNREC_PER_PROCESSOR
#endif
