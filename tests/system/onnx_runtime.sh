#!/bin/bash
# onnx_runtime.sh BIN PYTHON SET DIR: onnxruntime gives the ratings of the program, of five variants as published, as
# tuned and with levels, within 1e-5. Prints the largest difference of each.
set -euo pipefail
bin=$1 python=$2 set=$3 dir=$4
rm -rf "$dir"
mkdir -p "$dir"
for variant in basic one_layer enriched complex deep_fm; do
  for preset in published tuned ordinal; do
    options=()
    [ $preset = published ] || options=(--preset tuned)
    [ $preset != ordinal ] || options+=(--likelihood ordinal)
    "$bin/nnrec_dist" --data "$set" --variant $variant "${options[@]}" --epochs 2 --run "$dir/$variant-$preset" >"$dir/log"
    "$bin/nnrec_export" "$dir/$variant-$preset" --to onnx --rows 1000 --output "$dir/$variant-$preset.onnx"
  done
done
"$python" - "$dir"/*.onnx <<'END'
import sys

import numpy
import onnxruntime

for path in sys.argv[1:]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    rows = numpy.load(path + ".npz")
    inputs = {each.name: rows[each.name] for each in session.get_inputs()}
    ratings = session.run(["rating"], inputs)[0]
    assert ratings.shape == rows["rating"].shape and len(ratings) >= 50, ratings.shape
    # One row alone is answered as among others.
    alone = session.run(["rating"], {name: values[:1] for name, values in inputs.items()})[0]
    difference = max(abs(ratings - rows["rating"]).max(), abs(alone - ratings[:1]).max())
    print(f"{path.rsplit('/', 1)[1]}: {len(ratings)} rows, {len(inputs)} inputs, differ by {difference:.1e} at most")
    assert difference <= 1e-5, path
END
