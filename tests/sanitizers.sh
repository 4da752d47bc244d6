#!/bin/bash
# sanitizers.sh [PRESET]: builds a sanitizer preset (asan, the default, or tsan) and runs its tests.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-asan}
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(nproc)"
# Left out: what takes minutes here and runs the code of other tests: a hundred launches of equal jobs, and
# trials of kills. Whole programs wait more than they compute, hence more tests than cores.
ctest --preset "$preset" -j $((3 * $(nproc))) --no-tests=error \
  -E '^System\.(SameBits|MemoryLimit|KillTrials|KilledPrep)'
