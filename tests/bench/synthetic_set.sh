# shellcheck shell=bash
# Sourced by benchmarks: movielens_20m FOLDER RATINGS makes a synthetic set of MovieLens 20M's shape with so many ratings
# if it is not there, and names it in `set`.
movielens_20m() {
  set=$1/set-$2
  mkdir -p "$1"
  [ -s "$set/manifest.h5" ] ||
    build/bin/nnrec_synth --format shards --ratings "$2" --users $(($2 / 145)) --items $(($2 / 740)) --output "$set"
}
