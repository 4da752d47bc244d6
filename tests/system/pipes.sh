#!/usr/bin/env bash
# pipes.sh BIN TEXT DIR: ratings that come through a pipe, packed or not, are the set that the file is.
set -euo pipefail
bin=$1 text=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir"
cp "$text/u.data" "$dir/ratings.tsv" # without its neighbours, which a pipe has none of
gzip -c "$dir/ratings.tsv" >"$dir/ratings.gz"
prepare() { "$bin/nnrec_prep" "$@" --output "$dir/set" 2>&1 | tee "$dir/log" | grep '^data digest'; }
expected=$(prepare --input "$dir/ratings.tsv")
[ "$(zcat "$dir/ratings.gz" | prepare --input -)" = "$expected" ]
[ "$(prepare --input - <"$dir/ratings.gz")" = "$expected" ]
[ "$(prepare --input <(cat "$dir/ratings.tsv"))" = "$expected" ]
mkfifo "$dir/fifo"
cat "$dir/ratings.tsv" >"$dir/fifo" &
[ "$(prepare --input "$dir/fifo")" = "$expected" ]
refused() { # MESSAGE: of an input that ends early, exit 1 and one message
  local code=0
  "$bin/nnrec_prep" --input - --output "$dir/never" 2>"$dir/log" >&2 || code=$?
  [ "$code" -eq 1 ] && grep -q "$1" "$dir/log" && [ ! -e "$dir/never" ]
}
refused "has no ratings: it is empty" </dev/null
head -c 3000 "$dir/ratings.gz" | refused "cannot be unpacked"
refused "is an archive, which cannot be read from a pipe" < <(tar cf - -C "$text" .)
echo "pipes give the same set"
