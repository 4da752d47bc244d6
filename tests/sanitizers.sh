#!/bin/bash
# sanitizers.sh [asan|tsan]: runs the tests under sanitizers.
# Without a name: those of the test program, with the floors alone under the address and the undefined-behaviour
# sanitizer, in as many processes as there are cores. A name: a build of everything, and every test, with that preset.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then
  cmake --preset "$1"
  cmake --build --preset "$1" -j "$(nproc)"
  # Whole programs wait more than they compute, hence more tests at a time than cores.
  ctest --preset "$1" -j $((3 * $(nproc))) --no-tests=error
  exit
fi

cmake --preset release
cmake --build --preset release -j "$(nproc)" --target nnrec_sanitized_tests
export LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=8  # fewer pages touched, a tenth of the time
export logs GTEST_TOTAL_SHARDS
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
GTEST_TOTAL_SHARDS=$(nproc)

# Without the public data sets: training on them at this speed would take too long, and the synthetic sets run the
# same code.
run_share() {
  if GTEST_SHARD_INDEX=$1 timeout 1200 build/bin/nnrec_sanitized_tests --gtest_filter='-*RealData.*' >"$logs/$1" 2>&1; then
    echo "sanitizers: share $1: $(tail -n 1 "$logs/$1")"
  else
    tail -n 200 "$logs/$1" >&2
    return 1
  fi
}
export -f run_share
# shellcheck disable=SC2016  # the inner shell expands
seq 0 $((GTEST_TOTAL_SHARDS - 1)) | xargs -P "$GTEST_TOTAL_SHARDS" -I{} bash -euo pipefail -c 'run_share "$1"' run {}
