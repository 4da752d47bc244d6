#!/bin/bash
# Memory of a node's ranks together (proportional set size, its peak) while they train tables of ROWS rows
# x 32 with Adagrad, on each number of ranks. On a synthetic set made in FOLDER if it is not there.
#   tests/bench/node_memory_benchmark.sh [FOLDER [ROWS [RANKS]]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-node-memory-benchmark}
rows=${2:-5000000}
read -ra ranks <<<"${3:-1 8}"
set=$folder/set-$rows
mkdir -p "$folder"
[ -s "$set/manifest.h5" ] ||
  build/bin/nnrec_synth --format shards --ratings $((rows + rows / 5)) --users "$rows" --items 2000 \
    --output "$set"

watch_memory() { # file
  local peak=0 sum
  trap - EXIT
  set +e # a rank may end between being found and being read
  while sleep 0.2; do
    sum=$(for pid in $(pgrep -f "^build/bin/nnrec_dist --data $set"); do cat "/proc/$pid/smaps_rollup" 2>/dev/null; done |
      awk '/^Pss:/ { sum += $2 } END { print sum + 0 }')
    [ "$sum" -le "$peak" ] || peak=$sum
    echo "$peak" >"$1"
  done
}

watcher='' first=''
trap '[ -z "$watcher" ] || kill "$watcher"' EXIT
for n in "${ranks[@]}"; do
  rm -rf "$folder/run"
  watch_memory "$folder/peak" &
  watcher=$!
  mpirun --oversubscribe --bind-to none -np "$n" build/bin/nnrec_dist --data "$set" --variant basic \
    --epochs 1 --batch 65536 --threads 1 --run "$folder/run" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
  kill "$watcher"
  wait "$watcher" 2>/dev/null || true
  watcher=''
  peak=$(cat "$folder/peak")
  first=${first:-$peak}
  awk -v n="$n" -v p="$peak" -v f="$first" \
    'BEGIN { printf "%2d ranks: %.0f MiB together, %.2f of the first\n", n, p / 1024, p / f }'
done
