#!/bin/bash
# serve.sh BIN DIR: what nnrec_serve answers while models take over, requests are broken or slow, and it is told to end
# or killed. Clients are those of tests/bench/serve_load.cpp, which fails where an answer is lost.
set -euo pipefail
bin=$1 dir=$2
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
servers=()
trap 'kill -9 "${servers[@]}" 2>/dev/null || true' EXIT

# Ends the test after some 60 s where it never holds.
until_true() {
  local tries
  for ((tries = 0; tries < 600; ++tries)); do
    "$@" && return 0
    sleep 0.1
  done
  echo "never held: $*" >&2
  return 1
}
listens() { port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\),.*|\1|p' log) && [ -n "$port" ]; }
serve() {
  : >log
  "$bin/nnrec_serve" run --port 0 --watch-seconds 0.05 --request-seconds 2 --threads 2 2>log &
  server=$!
  servers+=("$server")
  until_true listens
}
ask() { # REQUEST-BYTES: prints what is answered until the connection ends
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf '%b' "$1" >&3
  timeout 20 cat <&3
  exec 3>&-
}
answered() { # REQUEST-BYTES PATTERN
  ask "$1" >answer
  grep -q "$2" answer
}
train() { "$bin/nnrec_dist" --data set --variant one_layer --epochs "$1" --run run >>trained; }
answers_by() { grep -q "answers are of step $1 now" log; }

"$bin/nnrec_synth" --format shards --users 60 --items 40 --ratings 1500 --output set >made
train 1
serve

# A swap under load, with broken and slow requests beside it: no answer of the others is lost.
"$bin/serve_load" "$port" 8 6 '/recommend?user=1' '/predict?user=2&item=3' '/similar?item=5' >load &
load=$!
exec 4<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /predict HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{"pairs"' >&4 # and no more
train 2
train 3
steps=$(sed -n 's/^.*one_layer-step-0*\([0-9]*\)\.h5$/\1/p' < <(ls run/checkpoints) | sort -n | tail -1)
until_true answers_by "$steps"
answered 'rubbish\r\n\r\n' '^HTTP/1.1 400'
answered 'GET /recommend?user=1&top=0 HTTP/1.1\r\nConnection: close\r\n\r\n' '"error":"top = 0'
answered 'POST /predict HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n' '^HTTP/1.1 413'
wait "$load" || { cat load log; exit 1; }
timeout 20 cat <&4 >slow # the server has left who was too slow
exec 4>&-
test ! -s slow
answered 'GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n' '^nnrec_requests_total{path="other",status="408"} 1'

# TERM: the program ends well.
kill "$server"
wait "$server"
grep -q 'every request under way was answered' log

# A kill while a model takes over (it is named before it is read) loses nothing but its connections: the next one serves.
second_model_is_named() { [ "$(grep -c '^model one_layer' log)" -ge 2 ]; }
epochs=4
for delay in 0 0.01 0.03; do
  serve
  train "$epochs" &
  trained=$!
  until_true second_model_is_named
  sleep "$delay"
  kill -9 "$server"
  wait "$trained"
  epochs=$((epochs + 2))
done
serve
"$bin/serve_load" "$port" 2 0.5 '/health' '/recommend?user=1'
kill "$server"
wait "$server"
