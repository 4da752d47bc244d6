#!/bin/bash
# recommend_benchmark.sh BIN DIR [PYTHON]: lists the best 10 of 50,000 items for 100,000 users (or USERS) with basic, dim
# 32, three times, each beside the rate of the multiplication alone at the same time and what part of it the lists
# reach; where PYTHON has NumPy, beside its matmul + argpartition on the same tables, too.
set -euo pipefail
bin=$1 dir=$2 python=${3:-} users=${USERS:-100000}
mkdir -p "$dir"
if [ ! -e "$dir/run/result.json" ]; then
  "$bin/nnrec_synth" --format shards --users "$users" --items 50000 --ratings 2000000 --output "$dir/set" >"$dir/log"
  "$bin/nnrec_dist" --data "$dir/set" --variant basic --epochs 1 --run "$dir/run" >>"$dir/log"
fi
for _ in 1 2 3; do
  rate=$("$bin/product_benchmark")
  "$bin/nnrec_recommend" "$dir/run" --all-users --format csv --output "$dir/lists.csv" 2>"$dir/said"
  # "2 threads: 150.0 GFlop/s", "100000 lists of at most 10 in 4.300 s": 2 x users x items x dim operations.
  awk -v rate="$rate" '/ lists of / {
    split(rate, words, " ")
    reached = 2e-9 * $1 * 50000 * 32 / $(NF - 1)
    printf "%s; %s: %.1f GFlop/s, %.0f %% of it\n", rate, $0, reached, 100 * reached / words[3]
  }' "$dir/said"
done
[ -n "$python" ] || exit 0
"$bin/nnrec_export" "$dir/run" --to npz --output "$dir/model.npz" >>"$dir/log"
"$python" - "$dir/model.npz" <<'PYTHON'
import sys, time
import numpy
model = numpy.load(sys.argv[1])
users = numpy.ascontiguousarray(model["user"])
items = numpy.ascontiguousarray(model["title"][model["item_titles"]].T)
start = time.perf_counter()
for first in range(0, len(users), 512):
    scores = users[first:first + 512] @ items
    best = numpy.argpartition(-scores, 10, axis=1)[:, :10]
print(f"numpy {numpy.__version__}: matmul + argpartition {time.perf_counter() - start:.1f} s")
start = time.perf_counter()
for first in range(0, len(users), 512):
    scores = users[first:first + 512] @ items
print(f"numpy {numpy.__version__}: matmul alone {time.perf_counter() - start:.1f} s")
PYTHON
