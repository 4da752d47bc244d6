#!/bin/bash
# install.sh BUILD DIR: what is installed runs from where it was put, and published options are read from there.
set -euo pipefail
build=$1 dir=$2
rm -rf "$dir"
mkdir -p "$dir"
cmake --install "$build" --prefix "$dir/usr" >"$dir/log"
for program in prep synth dist report eval predict recommend export serve; do
  "$dir/usr/bin/nnrec_$program" --help >"$dir/help"
  grep -q "^Options" "$dir/help"
done
"$dir/usr/bin/nnrec_synth" --format shards --users 30 --items 20 --ratings 500 --output "$dir/set" >>"$dir/log"
"$dir/usr/bin/nnrec_dist" --config "$dir/usr/share/nnrec/published/basic.cfg" --data "$dir/set" --epochs 1 \
  --run "$dir/run" >>"$dir/log"
"$dir/usr/bin/nnrec_recommend" "$dir/run" --all-users --format json >"$dir/lists.json"
test -s "$dir/lists.json"
test -s "$dir/usr/share/doc/nnrec/README.md"
