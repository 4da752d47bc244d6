#!/bin/bash
# sanitizers.sh [PRESET [all]]: builds a sanitizer preset (asan, the default, or tsan) and runs its tests.
# Without `all`, launches of whole programs that take minutes here are left out: equal jobs on many ranks,
# refusals on three ranks each, trials of kills. Other tests run the same code in one process.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-asan}
left_out='^System\.(SameBits|MemoryLimit|KillTrials|KilledPrep|Refuses)'
[ "${2:-}" != all ] || left_out='^$'
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(nproc)"
# Whole programs wait more than they compute, hence more tests at a time than cores.
ctest --preset "$preset" -j $((3 * $(nproc))) --no-tests=error -E "$left_out"
