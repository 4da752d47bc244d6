#!/usr/bin/env bash
# published_results.sh BIN MPIRUN ML100K DIR: trains every variant on MovieLens 100K with five seeds and
# checks the means against the accepted ranges, and the curves against the published ones.
set -euo pipefail
bin=$1 mpirun=$2 source=$3 dir=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$dir"
mkdir -p "$dir"
"$bin/nnrec_prep" --input "$source" --output "$dir/data"
for seed in 1 2 3 4 5; do
  timeout 240 "$mpirun" -np 2 --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$dir/data" \
    --seed "$seed" --threads 1 --run "$dir/seed-$seed" | grep "^test RMSE"
done
"$bin/nnrec_report" "$dir"/seed-* | tee "$dir/table.txt"
[ "$(grep -c 'as published$' "$dir/table.txt")" -eq 4 ] || { echo "a mean is outside its range" >&2; exit 1; }

# Curves: mean over the seeds at each epoch beside the published run, which is one seed itself and
# moves by up to 0.04 from epoch to epoch. complex starts anywhere (its age input is unscaled), so
# its first half is not compared.
awk -F, '
  FNR == 1 { next }
  FILENAME ~ /published_curves/ { train[$1, $2] = $3; val[$1, $2] = $4; next }
  { count[$1, $2]++; sum_train[$1, $2] += $4; sum_val[$1, $2] += $6 }
  END {
    bad = 0
    for (key in val) {
      split(key, part, SUBSEP)
      if (part[1] == "complex" && part[2] <= 10) continue
      if (count[key] != 5) { print "no five values of " part[1] " epoch " part[2]; bad = 1; continue }
      bound = part[1] == "basic" ? 0.012 : part[1] == "complex" ? 0.2 : part[2] == 1 ? 0.08 : 0.04
      difference_train = sum_train[key] / 5 - train[key]
      difference_val = sum_val[key] / 5 - val[key]
      if (difference_train > bound || difference_train < -bound || difference_val > bound ||
          difference_val < -bound) {
        printf "%s epoch %d: train %+.4f, validation %+.4f of the published curve, bound %.3f\n",
               part[1], part[2], difference_train, difference_val, bound
        bad = 1
      }
    }
    exit bad
  }' "$here/../../data/published_curves.csv" "$dir"/seed-*/history.csv
echo "curves follow the published ones"
