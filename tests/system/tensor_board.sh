#!/bin/bash
# tensor_board.sh BIN PYTHON SET DIR: TensorBoard's own reader finds in --logdir what history.csv has, each step once, also
# behind a start that goes on from an older checkpoint than the last epoch that was logged.
set -euo pipefail
bin=$1 python=$2 set=$3 dir=$4
rm -rf "$dir"
mkdir -p "$dir"
train() {
  "$bin/nnrec_dist" --data "$set" --variant one_layer --run "$dir/run" --logdir "$dir/board" --epochs "$1" >"$dir/log"
}
train 3
rm "$(find "$dir/run/checkpoints" -name '*.h5' | sort | tail -1)" # as of a machine that stopped before it was saved
train 5
"$python" - "$dir" <<'END'
import csv
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1] + "/board/one_layer", {"scalars": 0, "histograms": 0})
events.Reload()
tags = events.Tags()
with open(sys.argv[1] + "/run/history.csv") as file:
    rows = list(csv.DictReader(file))
columns = {"RMSE/train": "train_rmse", "RMSE/test": "test_rmse", "learning_rate": "learning_rate",
           "ratings_per_second": "ratings_per_second"}
assert sorted(tags["scalars"]) == sorted(columns), tags
for tag, column in columns.items():
    found = events.Scalars(tag)
    assert [each.step for each in found] == [int(row["step"]) for row in rows], (tag, found)
    for each, row in zip(found, rows):
        expected = float(row[column])
        assert abs(each.value - expected) <= 1e-6 * expected + (column == "ratings_per_second"), (tag, each, row)
for tag in ("row_norms/user", "row_norms/title"):
    found = events.Histograms(tag)
    assert [each.step for each in found] == [int(row["step"]) for row in rows], tag
    last = found[-1].histogram_value
    assert last.num > 0 and last.max > last.min >= 0 and sum(last.bucket) == last.num, last
print(f"{len(rows)} epochs, {len(tags['scalars'])} scalars, {len(tags['histograms'])} histograms, each step once")
END
