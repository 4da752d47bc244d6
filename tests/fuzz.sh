#!/bin/bash
# Builds the fuzz targets and runs each for a bounded time on the kept corpus, as many at a time as there
# are cores. The exit code is 0 only when no target found anything.
#
#   tests/fuzz.sh [--seconds S | --runs N] [--jobs J] [TARGET...]
#   tests/fuzz.sh --build
#
# --build      only builds
# --seconds S  time for each target (default 10);  --runs N  executions of each target instead
# TARGET       names as in tests/fuzz/NAME_fuzz.cpp; default: all
#
# What a target learns stays in build-fuzz/corpus/NAME, and what it finds in build-fuzz/findings/NAME-*:
# build-fuzz/fuzz/NAME_fuzz FILE runs one finding again. A mended finding becomes a test of the reader.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
  exit 2
}

limit=-max_total_time=10
jobs=$(nproc)
targets=()
only_build=no
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage; limit=-max_total_time=$2; shift 2 ;;
    --runs) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage; limit=-runs=$2; shift 2 ;;
    --jobs) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage; jobs=$2; shift 2 ;;
    --build) only_build=yes; shift ;;
    -*) usage ;;
    *) targets+=("$1"); shift ;;
  esac
done
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" _fuzz.cpp)"); done
fi

jobs/install_packages.sh clang libclang-rt-14-dev llvm-14 libomp-dev
cmake --preset fuzz >build-fuzz.log || { cat build-fuzz.log >&2; exit 1; }
rm build-fuzz.log
cmake --build --preset fuzz -j "$(nproc)"
[ "$only_build" = no ] || exit 0

# One target: its last line of statistics, or the end of its log when it found something.
run_target() {
  local name=$1 folder=build-fuzz
  mkdir -p $folder/corpus/"$name" $folder/findings $folder/log
  # Leaks are looked for once, at the end: HDF5 keeps blocks for its next use, which after every input
  # would look like leaks and take most of the time to tell.
  if build-fuzz/fuzz/"$name"_fuzz "$limit" -max_len=1024 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -detect_leaks=0 \
    -artifact_prefix=$folder/findings/"$name"- \
    $folder/corpus/"$name" tests/fuzz/corpus/"$name" >$folder/log/"$name" 2>&1; then
    awk -v name="$name" '/number_of_executed_units/ {runs = $2} /^Done/ {seconds = $(NF - 1)}
      match($0, /cov: [0-9]+/) {cov = substr($0, RSTART + 5, RLENGTH - 5)}
      END {printf "fuzz: %-18s %9d executions in %5d s, %5d edges, clean\n", name, runs, seconds, cov}' \
      $folder/log/"$name"
  else
    tail -n 40 $folder/log/"$name"
    echo "fuzz: $name: FOUND SOMETHING, see above and $folder/findings" >&2
    return 1
  fi
}
export -f run_target
export limit
export LSAN_OPTIONS=suppressions=tests/fuzz/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=8  # half the time for the readers of HDF5
# Many small files: in memory, where there is such a place.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
# shellcheck disable=SC2016  # the inner shell expands
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -euo pipefail -c 'run_target "$1"' run {}
