#!/usr/bin/env bash
# same_bits.sh BIN MPIRUN DATA DIR VARIANT [OPTION...]: the model digest and the history (times aside) of a
# variant, dropout on where nothing is sampled, are those of one rank with one thread on every number of ranks
# (NNREC_RANKS) and threads, and of ranks that use other instructions than their neighbours.
set -euo pipefail
bin=$1 mpirun=$2 data=$3 dir=$4 variant=$5
shift 5
options=("$@")
dropout=(--dropout 0.3)
case " $* " in *" --sampler "*) dropout=() ;; esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/outcome.sh
. "$here/outcome.sh"
mkdir -p "$dir"
result_on() { # ranks threads [COMMAND that starts a rank...] -> one line that is equal for equal bits
  local run="$dir/$variant-$1-$2"
  rm -rf "$run"
  timeout 300 "$mpirun" -np "$1" --oversubscribe --bind-to none "${@:3}" "$bin/nnrec_dist" --data "$data" \
    --variant "$variant" --epochs 2 --batch 500 --threads "$2" --run "$run" \
    "${dropout[@]}" "${options[@]}" >"$run.out" 2>&1 ||
    { cat "$run.out" >&2; return 1; }
  echo "$(digests "$run") $(history "$run" | sha256sum)"
}
reference=$(result_on 1 1)
echo "1 rank x 1 thread: $reference"
# 500 rows are 8 tiles: with 11 ranks some have none; the last batch of 2,400 rows is short.
for ranks in ${NNREC_RANKS:-1 2 3 4 8 11}; do
  for threads in 1 2 3; do
    found=$(result_on "$ranks" "$threads")
    if [ "$found" != "$reference" ]; then
      echo "$ranks ranks x $threads threads: $found" >&2
      exit 1
    fi
  done
done

# Rank 0 without vectors, the others with the processor's best.
# shellcheck disable=SC2016 # the started shell has the rank's variables, this one has not
without_vectors_on_rank_0='[ "${OMPI_COMM_WORLD_RANK:-${PMIX_RANK:-0}}" != 0 ] || export NNREC_KERNELS=reference; exec "$@"'
found=$(result_on 3 1 bash -c "$without_vectors_on_rank_0" -)
if [ "$found" != "$reference" ]; then
  echo "3 ranks, two kinds of kernels: $found" >&2
  exit 1
fi
