#!/usr/bin/env bash
# prepare_sets.sh BIN DIR: makes the data sets that the tests of whole programs use, afresh:
#   good       600 users' worth of synthetic ratings as a shard set
#   flipped    one byte of a shard differs        truncated  a shard that ends early
#   foreign    a shard that is another file       vanished   a shard that is not there
#   exchanged  a whole shard in another's place
#   manifest   one byte of the manifest differs   no-test    no test rows at all
set -euo pipefail
bin=$1 dir=$2
rm -rf "$dir" "$(dirname "$dir")/never"  # runs that must end before they leave anything
mkdir -p "$dir"
"$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output "$dir/text"
prepare() { "$bin/nnrec_prep" --input "$dir/text" --output "$dir/$1" --shard-rows 1000 "${@:2}" >"$dir/$1.log"; }
prepare good
prepare no-test --test-fraction 0
for damaged in flipped truncated foreign exchanged vanished manifest; do cp -r "$dir/good" "$dir/$damaged"; done
flip() { # the middle byte
  local at=$(($(stat -c %s "$1") / 2))
  local byte
  byte=$(od -An -tu1 -j "$at" -N 1 "$1")
  # shellcheck disable=SC2059
  printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}
flip "$dir/flipped/shard-00001.h5"
flip "$dir/manifest/manifest.h5"
truncate -s 700 "$dir/truncated/shard-00001.h5"
cp "$dir/text/u.data" "$dir/foreign/shard-00001.h5"
cp "$dir/good/shard-00000.h5" "$dir/exchanged/shard-00001.h5"
rm "$dir/vanished/shard-00001.h5"
