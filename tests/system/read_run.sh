#!/bin/bash
# read_run.sh BIN PYTHON JOBS DIR: jobs/read_run.py reads what nnrec_dist and nnrec_predict wrote.
set -euo pipefail
bin=$1 python=$2 jobs=$3 dir=$4
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
"$bin/nnrec_synth" --format shards --users 30 --items 20 --ratings 400 --output set >log
"$bin/nnrec_dist" --data set --variant one_layer --epochs 2 --run run >>log
printf '%s\n' 1,1 2,3 nobody,3 >pairs
"$bin/nnrec_predict" run --pairs pairs --output ratings
"$python" "$jobs/read_run.py" run ratings | tee read.txt
grep -q "user (31, 32)" read.txt
grep -q "one_layer, step" read.txt
grep -q '^cold_user *1 ' read.txt
grep -q '^warm *2 ' read.txt
