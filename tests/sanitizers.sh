#!/bin/bash
# sanitizers.sh [PRESET]: builds a sanitizer preset (asan, the default, or tsan) and runs its tests.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-asan}
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(nproc)"
ctest --preset "$preset" -j "$(nproc)" --no-tests=error
