#!/bin/bash
# What --memory-limit costs and saves: trains RATINGS synthetic ratings (default 12 million) all in
# memory and in windows of a quarter of the set, and prints the seconds of an epoch, the part of them
# spent reading windows, processor seconds (which a busy machine changes less), the peak of a rank's
# memory (what it shares with its node included) and of the memory that the ranks share. Not a test:
# it takes minutes.
#   tests/bench/memory_limit_benchmark.sh [FOLDER [RATINGS [RANKS [VARIANT]]]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-memory-limit-benchmark}
ratings=${2:-12000000}
ranks=${3:-2}
variant=${4:-one_layer}
mkdir -p "$folder"
[ -s "$folder/set/manifest.h5" ] ||
  build/bin/nnrec_synth --format shards --ratings "$ratings" --users $((ratings / 150)) \
    --items $((ratings / 400)) --output "$folder/set"
cat "$folder"/set/* >/dev/null # The disk's own speed is not measured.
bytes=$((ratings * 12)) # of variants that read no times

# Bytes of the largest process and of all that the processes share, each at its peak.
watch_memory() { # file
  local peak_own=0 peak_shared=0 own shared pid
  while sleep 0.2; do
    shared=0
    for pid in $(pgrep -f "^build/bin/nnrec_dist --data $folder/set"); do
      own=$(awk '/^VmHWM/ { print $2 * 1024 }' "/proc/$pid/status" 2>/dev/null || echo 0)
      shared=$(awk '/^RssShmem/ { print $2 * 1024 }' "/proc/$pid/status" 2>/dev/null || echo 0)
      [ "${own:-0}" -le "$peak_own" ] || peak_own=$own
      [ "${shared:-0}" -le "$peak_shared" ] || peak_shared=$shared
    done
    echo "$peak_own $peak_shared" >"$1"
  done
}

measure() { # name, further options
  local run=$folder/run-$1 watcher
  rm -rf "$run"
  watch_memory "$run.memory" &
  watcher=$!
  /usr/bin/time -f "  %U s of processor, system %S s" -o "$run.time" \
    mpirun -np "$ranks" --oversubscribe --bind-to none build/bin/nnrec_dist --data "$folder/set" \
    --variant "$variant" --epochs 2 --batch 65536 --threads 1 --run "$run" "${@:2}" >"$run.out"
  kill "$watcher"
  wait "$watcher" 2>/dev/null || true
  echo "$1:"
  grep -E "epoch 2/2|s training|^memory limit|^model digest" "$run.out"
  cat "$run.time"
  awk '{ printf "  peak of a rank %.0f MB, of it shared %.0f MB\n", $1 / 1e6, $2 / 1e6 }' "$run.memory"
}
echo "$ratings ratings ($((bytes / 1000000)) MB), $variant, $ranks ranks x 1 thread"
measure in-memory
measure quarter --memory-limit $((bytes / 4))
