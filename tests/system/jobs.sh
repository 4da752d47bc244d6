#!/usr/bin/env bash
# jobs.sh CASE BIN JOBS DIR: the scripts of the folder JOBS in a project of their own, with the programs of BIN;
# what installs and builds is a stand-in.
# CASE: quickstart_keeps_what_is_there  reproduce_keeps_what_is_there  root_is_allowed_in_containers_only
#       tuning_goes_on_where_it_was_killed  tuning_names_what_is_wrong_once
set -euo pipefail
case=$1 bin=$2 jobs=$3 dir=$4/$1
rm -rf "$dir"
mkdir -p "$dir"/{stand-ins,build,runs}
cp -r "$jobs" "$dir/jobs"
ln -s "$bin" "$dir/build/bin"
cd "$dir"
fail() {
  echo "$case: $*" >&2
  [ ! -f out ] || cat out >&2
  exit 1
}
program() { # NAME: its text from standard input
  { echo '#!/bin/bash' && cat; } >"$1"
  chmod +x "$1"
}
program jobs/install_packages.sh <<<'exit 0'
program stand-ins/cmake <<<'exit 0'
export PATH=$dir/stand-ins:$PATH

# keeps SCRIPT ARGUMENT...: runs it in a project that holds a user's sets and runs.
keeps() {
  unset NNREC_DATA
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >out
  mkdir -p data/default runs/reproduce/seed-1
  touch data/default/mine runs/reproduce/seed-1/mine
  local round
  for round in 1 2; do
    "jobs/$1" "${@:2}" >out 2>&1 || fail "$1 fails in round $round"
    grep -q '^complex ' out || fail "$1 prints no table"
  done
  [ -f data/default/mine ] || fail "the user's set is gone"
  [ -f runs/reproduce/seed-1/mine ] || fail "the user's run is gone"
}
quickstart_keeps_what_is_there() { keeps quickstart.sh; }
reproduce_keeps_what_is_there() { keeps reproduce.sh --seeds 2 --epochs 1; }

# root_may CONTAINER: whether root, in a container or not, may start ranks; prints what is passed to mpirun.
root_may() {
  # shellcheck disable=SC2016  # the inner shell expands
  env -u OMPI_ALLOW_RUN_AS_ROOT -u OMPI_ALLOW_RUN_AS_ROOT_CONFIRM bash -c '. jobs/common.sh
    in_container() { '"$1"'; }
    check_root
    printf "%s\n" "${root_allowed[@]}"' jobs 2>&1
}
root_is_allowed_in_containers_only() { # E08
  local answer
  program stand-ins/id <<<'echo 0'
  answer=$(root_may true) || fail "in a container: $answer"
  grep -q '^OMPI_ALLOW_RUN_AS_ROOT=1$' <<<"$answer" || fail "in a container root is not allowed: $answer"
  ! answer=$(root_may false) || fail "elsewhere root is let through"
  [ "$(grep -c 'export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1' <<<"$answer")" -eq 1 ] ||
    fail "what to set is not said in one line: $answer"
  program stand-ins/id <<<'echo 1000'
  answer=$(root_may false) || fail "another account: $answer"
  [ -z "$answer" ] || fail "another account needs nothing: $answer"
}

make_cut() {
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output text >out
  "$bin/nnrec_prep" --input text --validation 0.2 --output cut >out
}
tune() { # FOLDER ARGUMENT...
  jobs/tune.sh "$1" --data cut --fixed variant=basic --fixed batch=100 --search learning-rate=0.01..0.5:log \
    --search optimizer=adam,adagrad --trials 4 --rungs 1,3 --reduction-factor 2 "${@:2}" >out 2>&1
}
# kill_group LEADER: with all that it has started, as a machine that loses its power.
kill_group() {
  local child
  for child in $(ps -o pid= --ppid "$1"); do kill_group "$child"; done
  kill -KILL "$1" 2>/dev/null || true
}
has_result() { compgen -G "$1/*/epochs-1/result.json" >/dev/null; }

# Killed when some trials have ended, others not, it ends in the table of one that nobody disturbed, and trains none
# of them again.
tuning_goes_on_where_it_was_killed() {
  local first tuner
  make_cut
  tune undisturbed --jobs 1 || fail "fails"
  sed -n '/^trial /,/^chart/p' out | grep -v ^chart >table
  [ "$(grep -cE '^(as-given|trial-00[1-4]) ' table)" -eq 5 ] || fail "not all trials are in the table"
  [ "$(grep -c 'epochs-3: on from epochs-1$' out)" -eq 3 ] || fail "not three of five went on"
  tune disturbed --jobs 2 &
  tuner=$!
  until has_result disturbed; do
    kill -0 "$tuner" 2>/dev/null || fail "ended before a trial had"
    sleep 0.05
  done
  kill_group "$tuner"
  wait "$tuner" 2>/dev/null || true
  first=$(compgen -G "disturbed/*/epochs-1/result.json")
  touch killed
  jobs/tune.sh disturbed --jobs 2 >out 2>&1 || fail "does not go on"
  sed -n '/^trial /,/^chart/p' out | grep -v ^chart | cmp - table || fail "the tables differ"
  for first in $first; do
    [ "$first" -ot killed ] || fail "$first was trained again"
  done
  [ -s disturbed/trials.svg ] || fail "no chart"
}

tuning_names_what_is_wrong_once() {
  local code
  make_cut
  code=0 && tune wrong --fixed learnin-rate=1 || code=$?
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  [ "$(grep -c 'did you mean.*learning-rate' out)" -eq 1 ] || fail "not one message"
  ! compgen -G 'wrong/*/epochs-1' >/dev/null || fail "a trial has begun"
  code=0 && jobs/tune.sh diverging --data cut --fixed variant=one_layer --search learning-rate=1e20..1e30:log \
    --trials 4 --rungs 1 >out 2>&1 || code=$?
  [ "$code" -eq 0 ] || fail "trials that fail end the others: exit code $code"
  [ "$(grep -c 'failed, nnrec_dist: .*not finite' out)" -eq 4 ] || fail "what failed is not said"
  grep -q '^4 of 5 trials failed in 1 epochs' out || fail "what failed is not in the table"
}

"$case"
cd /
rm -rf "$dir"
