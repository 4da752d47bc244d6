#!/bin/bash
# answers_benchmark.sh BIN ML-100K DIR: how long the trained variants take for the lists of all 943 users, top 10, and how
# many pairs a second nnrec_predict answers, medians of five, by what the programs say of themselves. ML-100K: its folder.
set -euo pipefail
bin=$1 source=$2 dir=$3 variants=basic,one_layer,enriched,complex
mkdir -p "$dir"
[ -e "$dir/set/manifest.h5" ] || "$bin/nnrec_prep" --input "$source" --output "$dir/set" >"$dir/log"
[ -e "$dir/run/result.json" ] ||
  "$bin/nnrec_dist" --data "$dir/set" --variant "$variants" --epochs 2 --run "$dir/run" >>"$dir/log"
[ -e "$dir/pairs.tsv" ] || for _ in {1..20}; do cut -f1,2,4 "$source/u.data"; done >"$dir/pairs.tsv"
pairs=$(wc -l <"$dir/pairs.tsv")
# Of lines that end with a number and "s": the median of these numbers.
median() { awk '{ print $(NF - 1) }' | sort -g | sed -n 3p; }

nproc | awk '{ print $1 " cores" }'
for variant in ${variants//,/ }; do
  lists=$(for _ in {1..5}; do
    "$bin/nnrec_recommend" "$dir/run" --variant "$variant" --all-users --output "$dir/lists.txt" 2>&1 >/dev/null | grep ' lists of '
  done | median)
  seconds=$(for _ in {1..5}; do
    /usr/bin/time -f '%e s' "$bin/nnrec_predict" "$dir/run" --variant "$variant" --pairs "$dir/pairs.tsv" \
      --output "$dir/predicted.tsv" 2>&1 >/dev/null | tail -1
  done | median)
  awk -v variant="$variant" -v lists="$lists" -v pairs="$pairs" -v seconds="$seconds" 'BEGIN {
    printf "%-10s lists of 943 users %.3f s; %.1f M pairs/s, start to end\n", variant, lists, 1e-6 * pairs / seconds
  }'
done
