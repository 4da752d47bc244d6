#!/usr/bin/env bash
# killed_prep.sh BIN MPIRUN DIR: nnrec_prep ends by SIGKILL at many moments, with and without an older set
# under the name. Each time the name holds the older set, the new one, or nothing, bit by bit; what the
# killed one left is nothing that training takes for a set unless it is whole; the next run succeeds and
# clears it away.
set -euo pipefail
bin=$1 mpirun=$2 dir=$3
readonly wanted=8 most=30
RANDOM=20240229  # the moments, as shares of a whole run's time, are the same each time
rm -rf "$dir"
mkdir -p "$dir/out"

"$bin/nnrec_synth" --users 3000 --items 1000 --ratings 300000 --output "$dir/text" >/dev/null
"$bin/nnrec_prep" --input "$dir/text" --output "$dir/old" --seed 2 --shard-rows 20000 >/dev/null
prep=("$bin/nnrec_prep" --input "$dir/text" --output "$dir/out/set" --shard-rows 20000)
whole_run() { # and how long it takes now
  local start
  start=$(date +%s%N)
  "${prep[@]}" >/dev/null
  whole_ms=$((($(date +%s%N) - start) / 1000000 + 1))
}
whole_run
mv "$dir/out/set" "$dir/new"

fail() {
  echo "$1" >&2
  exit 1
}

# Training refuses the folder, or it is whole.
check_folder() {
  local result=0
  timeout 300 "$mpirun" -np 1 --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$1" --variant basic --epochs 1 \
    --run "$dir/run" >"$dir/message" 2>&1 || result=$?
  rm -rf "$dir/run"
  case $result in
    0) diff -r -x lock "$dir/new" "$1" || fail "training took a set that is not whole" ;;
    1) grep -q '^nnrec_dist: ' "$dir/message" || fail "refused without a message" ;;
    *) cat "$dir/message" >&2; fail "training ended with $result" ;;
  esac
}

killed=0
trial=0
while [ "$killed" -lt "$wanted" ]; do
  trial=$((trial + 1))
  [ "$trial" -le "$most" ] || fail "only $killed of $most runs were still alive to be killed"
  rm -rf "$dir/out"
  mkdir "$dir/out"
  [ $((trial % 2)) -eq 0 ] || cp -r "$dir/old" "$dir/out/set"
  # The last twentieth too, where the manifest is written and the folder renamed.
  delay_ms=$((whole_ms * (RANDOM % 1000) / 1000))
  [ $((trial % 4)) -ne 3 ] || delay_ms=$((whole_ms - whole_ms * (RANDOM % 1000) / 20000))
  "${prep[@]}" >/dev/null 2>&1 &
  pid=$!
  sleep "$(printf '%d.%03d' $((delay_ms / 1000)) $((delay_ms % 1000)))"
  kill -9 "$pid" 2>/dev/null || true
  result=0
  wait "$pid" 2>/dev/null || result=$?
  [ "$result" -ne 137 ] || killed=$((killed + 1))

  if [ -e "$dir/out/set" ]; then
    diff -rq "$dir/new" "$dir/out/set" >/dev/null || diff -rq "$dir/old" "$dir/out/set" ||
      fail "trial $trial, $delay_ms ms: the set is neither the old nor the new one"
  elif [ $((trial % 2)) -eq 1 ]; then
    fail "trial $trial, $delay_ms ms: the older set is gone"
  fi
  [ ! -e "$dir/out/.set.partial" ] || check_folder "$dir/out/.set.partial"
  whole_run || fail "trial $trial, $delay_ms ms: the next run fails"
  diff -r "$dir/new" "$dir/out/set"
  [ "$(ls -A "$dir/out")" = set ] || fail "trial $trial, $delay_ms ms: left behind: $(ls -A "$dir/out")"
done
echo "$killed of $trial runs killed; a whole one takes $whole_ms ms"
rm -rf "$dir"
