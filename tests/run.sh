#!/bin/bash
# Installs what is missing, builds the release preset, runs every test. The last line is
# "N passed, N failed"; the exit code is 0 only when all tests passed.
# NNREC_DATA names a folder with public data sets; with it, the tests on MovieLens 100K run too.
set -uo pipefail
# Relative to where the caller stands, so before cd.
[ -z "${NNREC_DATA:-}" ] || NNREC_DATA=$(realpath -e "$NNREC_DATA") || exit 2
cd "$(dirname "$0")/.." || exit 3

# Slurm, and what a cluster on one machine needs beside it; the tests start and stop their own. An emulator
# of other processors; a client of what is served; the reader of manual pages; what cpack asks to make a package.
jobs/install_packages.sh slurmctld slurmd munge iproute2 qemu-user curl man-db file dpkg-dev || exit
cores=$(nproc)
cmake --preset release || exit
cmake --build --preset release -j "$cores" || exit

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Whole programs wait more than they compute: for launchers, for signals, for Slurm.
ctest --preset release -j $((3 * cores)) --no-tests=error | tee "$log"
result=${PIPESTATUS[0]}

# ctest's own line: "97% tests passed, 1 tests failed out of 40".
failed=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1/p' "$log")
all=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\2/p' "$log")
echo "$((${all:-0} - ${failed:-0})) passed, ${failed:-0} failed"
exit "$result"
