#!/usr/bin/env bash
# other_processor.sh BIN DATA DIR KERNELS EMULATOR...: a model trained in EMULATOR, whose processor takes KERNELS,
# has the digest and the history of one trained here.
set -euo pipefail
bin=$1 data=$2 dir=$3 kernels=$4
shift 4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/outcome.sh
. "$here/outcome.sh"
mkdir -p "$dir"
# Without a policy of its own a program starts itself anew, which leaves the emulator, and so would MPI's helper.
export OMP_WAIT_POLICY=passive OMPI_MCA_ess_singleton_isolated=1
train() { # RUN COMMAND...
  rm -rf "${dir:?}/$1"
  timeout 300 "${@:2}" "$bin/nnrec_dist" --data "$data" --variant complex --preset tuned --epochs 2 --threads 2 \
    --run "$dir/$1" >"$dir/$1.out" 2>&1 || { cat "$dir/$1.out" >&2; return 1; }
}
train here env
train there "$@"
grep -q " $kernels kernels" "$dir/there.out" || { echo "not on another processor:" && cat "$dir/there.out"; exit 1; } >&2
diff <(outcome "$dir/here") <(outcome "$dir/there")
