#!/usr/bin/env bash
# kill_trials.sh BIN MPIRUN DATA DIR TRIALS [SEED]: kills a training run with SIGKILL at a random moment
# (one rank, the launcher, or all of it), saving in every step so that many kills fall into a save, and
# goes on with another number of ranks; twice a trial. Every run must go on from where its last checkpoint
# is and end with the digest and the history of a run that was never killed.
# F03 of the published faults. The last line counts trials, kills that met a running job, kills inside a save, and failures.
set -euo pipefail
bin=$1 mpirun=$2 data=$3 dir=$4 trials=$5
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/outcome.sh
. "$here/outcome.sh"
RANDOM=${6:-1}
rm -rf "$dir"
mkdir -p "$dir"

launch() { # ranks run -> becomes the launcher
  exec "$mpirun" -np "$1" --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$data" --variant one_layer \
    --epochs 30 --batch 500 --threads 1 --checkpoint-every 1steps --run "$2"
}
pause() { # milliseconds
  sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}
end_of() { # pids: waits until none is left
  for _ in $(seq 400); do
    kill -0 "$@" 2>/dev/null || return 0
    pause 50
  done
  echo "processes $* are still there 20 s after their job was killed" >&2
  exit 1
}

has_begun() { # output
  grep -q "^run folder" "$1" 2>/dev/null
}
wait_for_begin() { # launcher output
  until has_begun "$2" || ! kill -0 "$1" 2>/dev/null; do pause 20; done
}

(launch 1 "$dir/straight") >"$dir/straight.out" 2>&1 &
wait_for_begin $! "$dir/straight.out"
start=$(date +%s%N)
wait $! || { cat "$dir/straight.out" >&2; exit 1; }
training=$((($(date +%s%N) - start) / 1000000)) # milliseconds
reference=$(outcome "$dir/straight")

hits=0 in_save=0 failures=0
fail() { # trial reason
  failures=$((failures + 1))
  echo "trial $1: $2" >&2
  cat "$dir/$1.out" >&2
}
# Kills a job of `run` at a random moment. Sets `hit` when it was still running then.
kill_one() { # run output
  local launcher ranks victim
  (launch $((RANDOM % 4 + 1)) "$1") >"$2" 2>&1 &
  launcher=$!
  [ $((RANDOM % 4)) -eq 0 ] || wait_for_begin "$launcher" "$2" # else while it starts
  pause $((RANDOM % training))
  mapfile -t ranks < <(pgrep -P "$launcher" || true)
  hit=0
  if kill -0 "$launcher" 2>/dev/null; then
    hit=1
    case $((RANDOM % 3)) in
      0) victim=("$launcher") ;;
      1) victim=("$launcher" "${ranks[@]}") ;;
      *) victim=("${ranks[RANDOM % (${#ranks[@]} + (${#ranks[@]} == 0))]:-$launcher}") ;;
    esac
    kill -9 "${victim[@]}" 2>/dev/null || hit=0
  fi
  wait "$launcher" 2>/dev/null || true
  [ ${#ranks[@]} -eq 0 ] || end_of "${ranks[@]}"
}

for ((trial = 1; trial <= trials; ++trial)); do
  run=$dir/$trial
  for _ in 1 2; do
    kill_one "$run" "$dir/$trial.out"
    hits=$((hits + hit))
    compgen -G "$run/checkpoints/.*.partial-*" >/dev/null && in_save=$((in_save + 1))
  done
  saved=$(compgen -G "$run/checkpoints/*.h5" | sort | tail -n 1 || true)
  if ! (launch $((RANDOM % 4 + 1)) "$run") >"$dir/$trial.out" 2>&1; then
    fail "$trial" "does not go on"
  elif [ -n "$saved" ] && ! grep -q "goes on from $saved" "$dir/$trial.out"; then
    fail "$trial" "did not go on from $saved"
  elif [ "$(outcome "$run")" != "$reference" ]; then
    fail "$trial" "ends with other bits than the run that was never killed"
  elif compgen -G "$run/checkpoints/.*" >/dev/null; then
    fail "$trial" "leftovers of killed saves are still there"
  else
    rm -rf "$run" "$dir/$trial.out"
  fi
done
echo "$trials trials: $hits kills of a running job, $in_save inside a save; $failures failures"
[ "$failures" -eq 0 ]
