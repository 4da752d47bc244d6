#!/bin/bash
# sanitizers.sh [PRESET [all]]: builds a sanitizer preset (asan, the default, or tsan) and runs its tests.
# Without `all`, those of the test program only, which runs all code but MPI's in one process: no programs are
# built and none launched.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-asan}
cmake --preset "$preset"
if [ "${2:-}" = all ]; then
  cmake --build --preset "$preset" -j "$(nproc)"
  # Whole programs wait more than they compute, hence more tests at a time than cores.
  ctest --preset "$preset" -j $((3 * $(nproc))) --no-tests=error
else
  cmake --build --preset "$preset" -j "$(nproc)" --target nnrec_tests
  ctest --preset "$preset" -j "$(nproc)" --no-tests=error -E '^(System|Mpi|Script)\.'
fi
