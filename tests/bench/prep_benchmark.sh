#!/bin/bash
# Measures nnrec_prep on a synthetic CSV of RATINGS ratings (default 25 million, 640 MB), made in FOLDER
# if it is not there: seconds, speed, processor time and peak memory of each of ROUNDS runs. Not a test:
# run it on an idle machine. prep_vs_pandas.sh compares with pandas.
#   tests/bench/prep_benchmark.sh [FOLDER [RATINGS [ROUNDS]]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-prep-benchmark}
ratings=${2:-25000000}
rounds=${3:-3}

if [ ! -s "$folder/csv/ratings.csv" ]; then
  mkdir -p "$folder"
  # MovieLens's proportions: some 150 ratings a user, a few thousand an item.
  build/bin/nnrec_synth --output "$folder/csv" --format csv --ratings "$ratings" \
    --users $((ratings / 150 + 1)) --items $((ratings / 1500 + 200))
fi
bytes=$(stat -c %s "$folder/csv/ratings.csv")
lines=$(($(wc -l <"$folder/csv/ratings.csv") - 1)) # Reads it too: the disk's own speed is not measured.

for ((round = 0; round < rounds; ++round)); do
  sync
  /usr/bin/time -f '%e %U %S %M' -o "$folder/prep.time" \
    build/bin/nnrec_prep --input "$folder/csv" --output "$folder/set" >"$folder/prep.log"
  read -r seconds user system kilobytes <"$folder/prep.time"
  awk -v b="$bytes" -v s="$seconds" -v c="$user" -v y="$system" -v k="$kilobytes" -v n="$lines" 'BEGIN {
    printf "nnrec_prep: %.2f s, %.0f MB/s, %.2f s of processor time, peak %.0f MiB = %.1f bytes a rating\n",
           s, b / 1e6 / s, c + y, k / 1024, k * 1024 / n }'
done
