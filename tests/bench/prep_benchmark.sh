#!/bin/bash
# Measures nnrec_prep on a CSV of RATINGS ratings (default 25 million, about 600 MB) that is written
# beside the result first: end-to-end speed, peak memory in bytes a rating, pandas for comparison where
# it is installed. Not a test: it takes minutes.
#   tests/bench/prep_benchmark.sh [FOLDER [RATINGS]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-prep-benchmark}
ratings=${2:-25000000}
mkdir -p "$folder"
csv=$folder/ratings.csv

if [ ! -s "$csv" ]; then
  awk -v n="$ratings" 'BEGIN {
    srand(1); users = int(n / 154) + 1; items = int(n / 424) + 1;
    print "userId,movieId,rating,timestamp";
    for (i = 0; i < n; ++i) {
      item = int(items * rand() * rand());
      printf "%d,%d,%.1f,%d\n", int(i / n * users) + 1, item * 3 + 1, (1 + int(10 * rand())) / 2,
             789652009 + int(784552000 * rand());
    }
  }' >"$csv.partial"
  mv "$csv.partial" "$csv"
fi
bytes=$(stat -c %s "$csv")
cat "$csv" >/dev/null # The disk's own speed is not measured.

/usr/bin/time -f '%e %M' -o "$folder/prep.time" \
  build/bin/nnrec_prep --input "$csv" --output "$folder/set" --scale 0.5:5
read -r seconds kilobytes < <(tail -1 "$folder/prep.time")
awk -v b="$bytes" -v s="$seconds" -v k="$kilobytes" -v n="$ratings" 'BEGIN {
  printf "nnrec_prep: %.1f s, %.0f MB/s, peak %.0f MiB = %.1f bytes a rating\n",
         s, b / 1e6 / s, k / 1024, k * 1024 / n }'

if python3 -c 'import pandas, tables' 2>/dev/null; then
  python3 - "$csv" "$folder/pandas.h5" <<'PYTHON'
import sys, time
import pandas
start = time.time()
frame = pandas.read_csv(sys.argv[1])
for name in ("userId", "movieId"):
    frame[name] = pandas.factorize(frame[name])[0]
frame.to_hdf(sys.argv[2], key="ratings", mode="w", complevel=1, complib="zlib")
print(f"pandas: {time.time() - start:.1f} s")
PYTHON
else
  echo "pandas: not installed (python3-pandas python3-tables), not compared"
fi
