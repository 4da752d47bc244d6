#!/usr/bin/env bash
# Random search with successive halving: draws options, trains all trials for a few epochs, the best of them for more,
# judged by the validation part alone, and prints the trials, the best first, and what matters.
#   jobs/tune.sh FOLDER [--jobs N] [--ranks N] [--minutes N] [options of nnrec_tune, as --search, --fixed, --trials]
# For example, on a set that nnrec_prep --validation 0.1 has made as data/cut:
#   jobs/tune.sh runs/tune --data data/cut --fixed variant=basic --search learning-rate=0.001..0.2:log \
#     --search batch=500,1000,2000 --trials 18 --rungs 2,6,18
#   jobs/tune.sh runs/tune-tuned --config jobs/tuning/tuned-basic.cfg --data data/cut
# The second searches where the values of --preset tuned of basic lie, with them as one of the trials; jobs/tuning has
# such a file for each of its variants.
# --jobs: trials at a time (as many as there are cores for); --ranks: of each (1); --minutes: from then on no trial is
# begun. Stopped or killed, the same command goes on: FOLDER suffices. Trial N is drawn the same everywhere.
set -euo pipefail
script=${BASH_SOURCE[0]}
[ ! -L "$script" ] || script=$(realpath "$script")
# shellcheck source=jobs/common.sh
. "$(dirname "$script")/common.sh"
# shellcheck source=jobs/trials.sh
. "$root/jobs/trials.sh"

jobs=
ranks=1
minutes=
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$root/jobs/tune.sh" && exit 0 ;;
    --jobs | --ranks | --minutes)
      [[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || stop 2 "$1 = '${2:-}': a number from 1 is expected"
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    *)
      arguments+=("$1")
      shift
      ;;
  esac
done
folder=${arguments[0]:-}
[[ -n $folder && $folder != -* ]] || stop 2 "the folder of the tuning comes first. See jobs/tune.sh --help"
if [ -z "$jobs" ]; then jobs=$((cores / ranks > 0 ? cores / ranks : 1)); fi
threads=$((cores / (jobs * ranks) > 0 ? cores / (jobs * ranks) : 1))
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$threads}

# Its log.txt says what it would print.
train_trial() { run_ranks "$ranks" "$bin/nnrec_dist" "${@:2}" >/dev/null 2>"$1"; }
await_others() { sleep 0.5; }

check_root
for program in nnrec_tune nnrec_dist; do
  [ -x "$bin/$program" ] || stop 3 "$bin/$program is not there: build first (jobs/quickstart.sh does)"
done
"$bin/nnrec_tune" "${arguments[@]}"
# What the options are wrong in is said before a trial begins, and once: of as-given, and of one that is drawn.
asked=0
tasks=$("$bin/nnrec_tune" "$folder" --next)
while read -ru 6 run epochs resume && [ -n "$run" ]; do
  # One that another worker trains has passed this; without locks take_trial says so.
  claim_trial "$folder/$run" || { exec {claim}>&- && continue; }
  said=$folder/.preflight-$$
  code=0
  run_ranks "$ranks" "$bin/nnrec_dist" --config "$(dirname "$folder/$run")/trial.cfg" --epochs "$epochs" \
    --resume "$resume" --run "$folder/$run" --preflight >"$said" || code=$?
  [ "$code" -eq 0 ] || cat "$said" >&2
  rm -f "$said"
  [ "$code" -eq 0 ] || exit "$code"
  exec {claim}>&-
  asked=$((asked + 1))
  [ "$asked" -lt 2 ] || break
done 6<<<"$tasks"
[ -z "$minutes" ] || STOP_AT=$((SECONDS + 60 * minutes))

# Each worker is a group of processes of its own: a signal for this script reaches all of them, and their ranks save.
set -m
workers=()
stop_workers() { # SIGNAL
  local worker
  for worker in "${workers[@]}"; do kill "-$1" -- "-$worker" 2>/dev/null || true; done
}
stop_tuning() { stop_is_asked=yes && stop_workers "$1"; }
on_stop stop_tuning
for ((job = 0; job < jobs; ++job)); do
  # A worker waits for its ranks to save, and hands on their 75.
  (on_stop request_stop && take_trials "$folder") </dev/null &
  workers+=($!)
  [ "$stop_is_asked" = no ] || kill -TERM -- "-$!" 2>/dev/null || true # the request may not have found it
done
code=0
for worker in "${workers[@]}"; do
  while
    result=0
    wait "$worker" || result=$?
    kill -0 "$worker" 2>/dev/null
  do :; done
  if [ "$result" -ne 0 ] && [ "$code" -eq 0 ]; then
    code=$result
    [ "$stop_is_asked" != no ] || stop_workers TERM # a second request would end at once who still saves
  fi
done
[ "$stop_is_asked" = no ] || stop 75 "stopped; the same command goes on"
[ "$code" -eq 0 ] || exit "$code"
drawn() { stat -c '%i %y' "$folder/trials.svg" 2>/dev/null || :; }
before=$(drawn)
"$bin/nnrec_tune" "$folder" --table
[ "$(drawn)" = "$before" ] || say "chart: $folder/trials.svg"
