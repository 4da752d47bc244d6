#!/usr/bin/env bash
# jobs.sh CASE BIN JOBS DIR: the scripts of the folder JOBS in a project of their own, with the programs of BIN;
# what installs and builds is a stand-in.
# CASE: quickstart_keeps_what_is_there  reproduce_keeps_what_is_there  root_is_allowed_in_containers_only
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

"$case"
cd /
rm -rf "$dir"
