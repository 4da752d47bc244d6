#!/bin/bash
# What more ranks on this machine bring: seconds of a training epoch of each variant on each number of
# ranks with one thread each, medians of ROUNDS rounds in turn, beside the median ratio to the first
# number. On a synthetic set of MovieLens 20M's shape, made in FOLDER if it is not there. Not a test: it
# takes minutes, and says something on an idle machine only.
#   tests/bench/scaling_benchmark.sh [FOLDER [ROUNDS [VARIANTS [RANKS [RATINGS [BATCH [OPTION...]]]]]]]
#   tests/bench/scaling_benchmark.sh /tmp/scaling 3 "basic one_layer complex" "1 2 8" 20000000 65536
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-scaling-benchmark}
rounds=${2:-3}
read -ra variants <<<"${3:-basic one_layer complex}"
read -ra ranks <<<"${4:-1 2 8}"
ratings=${5:-20000000}
batch=${6:-65536}
options=("${@:7}") # of nnrec_dist, as --accumulate 8
# shellcheck source=tests/bench/synthetic_set.sh
. tests/bench/synthetic_set.sh
movielens_20m "$folder" "$ratings"

seconds_of() { # variant ranks -> seconds of the epoch
  local run=$folder/run
  rm -rf "$run"
  mpirun --oversubscribe --bind-to none -np "$2" build/bin/nnrec_dist --data "$set" --variant "$1" \
    --epochs 1 --batch "$batch" --threads 1 --checkpoint-every 9epochs "${options[@]}" --run "$run" >"$run.log" 2>&1 ||
    { cat "$run.log" >&2; return 1; }
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "seconds") column = i } END { print $column }' \
    "$run/history.csv"
}

for variant in "${variants[@]}"; do
  for ((round = 0; round < rounds; ++round)); do
    for n in "${ranks[@]}"; do
      seconds=$(seconds_of "$variant" "$n") # by itself, so that a failure ends all
      echo "$n $seconds"
    done
  done | awk -v variant="$variant" -v first="${ranks[0]}" '
    function median(list, count,    i, j, t) {
      for (i = 1; i <= count; ++i) for (j = i + 1; j <= count; ++j)
        if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
      return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
    }
    { if (!($1 in count)) order[++kinds] = $1; value[$1, ++count[$1]] = $2 }
    END {
      for (k = 1; k <= kinds; ++k) {
        n = order[k]
        for (i = 1; i <= count[n]; ++i) { s[i] = value[n, i]; r[i] = value[n, i] / value[first, i] }
        printf "%-10s %2d ranks: %.2f s an epoch, %.2f of the time of %d\n", variant, n,
               median(s, count[n]), median(r, count[n]), first
      }
    }'
done
