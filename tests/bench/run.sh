#!/bin/bash
# Training beside others, one table: each variant on MovieLens 100K (20 epochs, batch 2,048) by nnrec, PyTorch and
# TensorFlow Recommenders, basic on MovieLens 1M beside LIBMF, the rate of products by kernels, a step's phases. Rounds
# in turn, medians, ratios; what was compared on which processor stands above. Not a test: it takes some ten minutes,
# and its figures of two cores want an idle machine.
#   tests/bench/run.sh FOLDER [ROUNDS]
# NNREC_DATA must name a folder with ml-100k and ml-1m. PYTHON: an interpreter with h5py and, each measured where it is,
# torch; tensorflow, tf_keras and tensorflow-recommenders; libmf (LIBMF_OBJ: its library, built with -O3 -DUSEAVX
# -DUSEOMP -mavx -fopenmp; as pip builds it, it uses no vectors and one thread). What is missing is left out and named.
set -euo pipefail
cd "$(dirname "$0")/../.."
case $# in 1 | 2) ;; *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2 && exit 2 ;; esac
: "${NNREC_DATA:?must name a folder with ml-100k and ml-1m}"
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" \
  --target nnrec_dist nnrec_prep product_benchmark core_distance_benchmark >/dev/null
mkdir -p "$1"
prepared() { # SET OPTION...
  [ -s "$1/manifest.h5" ] || build/bin/nnrec_prep "${@:2}" --output "$1" >"$1.log"
}
prepared "$1/ml-100k" --input "$NNREC_DATA/ml-100k"
prepared "$1/ml-1m" --input "$NNREC_DATA/ml-1m" --split files --train r90.base --test r90.test
exec "${PYTHON:-python3}" tests/bench/compare_training.py "$1" "${2:-5}"
