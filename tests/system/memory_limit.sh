#!/usr/bin/env bash
# memory_limit.sh BIN MPIRUN DIR: a set that is trained by windows, because the memory allowed is far
# below its size, ends with the digest and history (times aside) of one that is all in memory, on any
# number of ranks. 60,000 ratings are 1.4 MB in memory; four ranks need 480 kB of 700 to read in.
set -euo pipefail
bin=$1 mpirun=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir"
"$bin/nnrec_synth" --format shards --users 600 --items 400 --ratings 60000 --shard-rows 5000 \
  --output "$dir/data"
outcome() { # ranks, further options -> one line that is equal for equal bits
  local run="$dir/run-$1${2:-}${3:-}"
  timeout 100 "$mpirun" -np "$1" --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$dir/data" \
    --variant basic,enriched --epochs 2 --threads 1 --run "$run" "${@:2}" >"$run.out" 2>&1 ||
    { cat "$run.out" >&2; return 1; }
  [ $# -eq 1 ] || grep -q "^memory limit .* of 48000 train ratings at a time" "$run.out"
  grep "^model digest" "$run.out" | tr '\n' ' '
  cut -d, -f1-6 "$run/history.csv" | sha256sum
}
reference=$(outcome 1)
echo "all in memory: $reference"
for ranks in 1 2 3 4; do
  found=$(outcome "$ranks" --memory-limit 700kB)
  if [ "$found" != "$reference" ]; then
    echo "$ranks ranks in windows: $found" >&2
    exit 1
  fi
done
