#!/bin/bash
# A short training on two ranks under valgrind's memcheck: no invalid access, no use of values that were never
# set, no leak that is ours. Exit code 9 where there is a finding.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs/install_packages.sh valgrind
cmake --preset release
cmake --build --preset release -j "$(nproc)" --target nnrec_dist nnrec_prep nnrec_synth

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bin=build/bin
"$bin/nnrec_synth" --users 40 --items 60 --ratings 1500 --output "$dir/text" >/dev/null
"$bin/nnrec_prep" --input "$dir/text" --output "$dir/set" >/dev/null

suppressions=()
for file in /usr/share/openmpi/openmpi-valgrind.supp /usr/lib/*/pmix2/share/pmix/pmix-valgrind.supp \
  tests/support/valgrind.supp; do
  suppressions+=("--suppressions=$file")
done
memcheck() { # nnrec_dist OPTION...
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 OMP_WAIT_POLICY=passive \
    timeout 300 mpirun -np 2 --oversubscribe --bind-to none --mca pml ob1 --mca btl self,vader \
    --mca btl_vader_single_copy_mechanism none \
    valgrind -q --keep-debuginfo=yes --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --error-exitcode=9 "${suppressions[@]}" \
    "$bin/nnrec_dist" --data "$dir/set" --run "$dir/run" --threads 2 --batch 300 "$@"
}
memcheck --variant complex --epochs 1 --dropout 0.3
memcheck --variant complex --epochs 2 --dropout 0.3 # goes on from a checkpoint
echo "valgrind: clean"
