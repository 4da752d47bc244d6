#!/bin/bash
# serve_benchmark.sh FOLDER [SECONDS]: how many requests nnrec_serve answers in a second, and how fast, at 1, 8 and 64
# connections, of a synthetic set of MovieLens 100K's shape (943 users, 1,682 items). FOLDER is made; needs ~50 MB.
set -euo pipefail
dir=$1 seconds=${2:-5}
bin=$(cd "$(dirname "$0")/../../build/bin" && pwd)
rm -rf "$dir"
mkdir -p "$dir"
"$bin/nnrec_synth" --format shards --users 943 --items 1682 --ratings 100000 --output "$dir/set" >"$dir/log"
"$bin/nnrec_dist" --data "$dir/set" --variant basic,one_layer --epochs 1 --run "$dir/run" >>"$dir/log"
for variant in basic one_layer; do
  : >"$dir/served"
  "$bin/nnrec_serve" "$dir/run" --variant "$variant" --port 0 2>"$dir/served" &
  server=$!
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null || true" EXIT
  until port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\).*|\1|p' "$dir/served") && [ -n "$port" ]; do sleep 0.1; done
  for target in '/predict?user=1&item=1' '/recommend?user=1&exclude_seen=true'; do
    targets=()
    for user in 1 2 3 4 5 6 7 8 9 10; do targets+=("${target/user=1/user=$user}"); done
    for connections in 1 8 64; do
      printf '%s %-10s ' "$variant" "${target%%\?*}"
      "$bin/serve_load" "$port" "$connections" "$seconds" "${targets[@]}"
    done
  done
  kill "$server"
  wait "$server"
done
