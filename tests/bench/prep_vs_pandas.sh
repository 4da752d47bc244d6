#!/bin/bash
# Makes a synthetic data set and compares nnrec_prep with pandas on it (see prep_vs_pandas.py).
#
#   tests/bench/prep_vs_pandas.sh [--ratings N] [--format ml-100k|csv] [--rounds N]
#
# PYTHON names an interpreter that has pandas and tables (default: the first of python3 and /usr/bin/python3
# that has; Debian: python3-pandas python3-tables). Run it on an idle machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

ratings=2000000
format=ml-100k
rounds=5
while [ $# -gt 0 ]; do
  case $1 in
    --ratings) ratings=${2:?} ;;
    --format) format=${2:?} ;;
    --rounds) rounds=${2:?} ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
  esac
  shift 2
done

for candidate in ${PYTHON:-python3 /usr/bin/python3}; do
  if "$candidate" -c 'import pandas, tables' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "${python:-}" ] || { echo "no python with pandas and tables; set PYTHON" >&2; exit 3; }

cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target nnrec_prep nnrec_synth

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# MovieLens's proportions: some 150 ratings a user, a few thousand an item.
build/bin/nnrec_synth --output "$scratch/text" --format "$format" --ratings "$ratings" \
  --users $((ratings / 150 + 1)) --items $((ratings / 1500 + 200))
"$python" tests/bench/prep_vs_pandas.py --input "$scratch/text" --rounds "$rounds"
