#!/bin/bash
# Measures nnrec_prep on synthetic JSON of RATINGS ratings (default 3 million), made in FOLDER if it is
# not there: as lines in the shape of a shop's reviews, and as one array. Not a test: run it on an idle machine.
#   tests/bench/json_benchmark.sh [FOLDER [RATINGS]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-json-benchmark}
ratings=${2:-3000000}

if [ ! -s "$folder/array.json" ]; then
  mkdir -p "$folder"
  build/bin/nnrec_synth --output "$folder/csv" --format csv --ratings "$ratings" \
    --users $((ratings / 150 + 1)) --items $((ratings / 1500 + 200))
  awk -F, 'NR > 1 {
    printf "{\"reviewerID\": \"A%09dX\", \"asin\": \"B%08d\", \"helpful\": [0, %d], ", $1, $2, NR % 9
    printf "\"reviewText\": \"Arrived on time, works as it \\\"should\\\".\", \"overall\": %.1f, ", $3
    printf "\"summary\": \"Good\", \"unixReviewTime\": %d}\n", $4
  }' "$folder/csv/ratings.csv" >"$folder/lines.json"
  { printf '['; paste -sd, "$folder/lines.json" | tr -d '\n'; printf ']'; } >"$folder/array.json"
fi

for name in lines array; do
  bytes=$(stat -c %s "$folder/$name.json")
  cat "$folder/$name.json" >/dev/null # The disk's own speed is not measured.
  build/bin/nnrec_prep --input "$folder/$name.json" --output "$folder/set" >"$folder/prep.log"
  awk -v name="$name" -v b="$bytes" '/ s, .* MB\/s/ {
    printf "%s.json: %.0f MB, %s s, %s MB/s\n", name, b / 1e6, $1, $3 }' "$folder/prep.log"
done
