#!/usr/bin/env bash
# memory_limit.sh BIN MPIRUN DIR: a set that is trained by windows, because the memory allowed is far
# below its size, ends with the digest and history (times aside) of one that is all in memory, on any
# number of ranks, straight through or resumed within an epoch. 60,000 ratings with their times are 1.2 MB
# in memory; four ranks need 400 kB of 700 to read in.
set -euo pipefail
bin=$1 mpirun=$2 dir=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/outcome.sh
. "$here/outcome.sh"
rm -rf "$dir"
mkdir -p "$dir"
"$bin/nnrec_synth" --format shards --users 600 --items 400 --ratings 60000 --shard-rows 5000 \
  --output "$dir/data"
train() { # run folder, ranks, further options
  timeout 300 "$mpirun" -np "$2" --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$dir/data" \
    --variant basic,enriched --epochs 2 --threads 1 --checkpoint-every 5steps --run "$1" "${@:3}" \
    >"$1.out" 2>&1 || { cat "$1.out" >&2; return 1; }
}
expect_reference() { # run folder
  if [ "$(digests "$1")" != "$reference" ]; then
    echo "$1 ends with other bits:" >&2
    digests "$1" >&2
    exit 1
  fi
}

train "$dir/all" 1
reference=$(digests "$dir/all")
echo "all in memory: $reference"
for ranks in 1 2 3 4; do
  run=$dir/windows-$ranks
  train "$run" "$ranks" --memory-limit 700kB
  grep -q "^memory limit 700kB a node: .* of 48000 train ratings at a time" "$run.out"
  expect_reference "$run"
  cmp <(history "$run") <(history "$dir/all")
done

# An epoch has 24 steps. Without the last checkpoint the run goes on from step 45, within the second
# epoch and another window, whatever limit and number of ranks made it.
rm "$dir"/windows-3/checkpoints/*-step-0000000048.h5
train "$dir/windows-3" 2 --memory-limit 500kB
grep -q "^enriched: goes on from .*-step-0000000045.h5: 1 epochs and 43008 ratings" "$dir/windows-3.out"
expect_reference "$dir/windows-3"
