#!/usr/bin/env bash
# batch_scripts.sh CASE SLURM DIR: the batch scripts of the folder SLURM at moments that a cluster does not bring
# about when asked. `srun` and `scontrol` are stand-ins; slurm_test.sh tries the scripts on a real cluster.
# CASE: launcher_has_just_ended  signal_during_the_summary  members_end_together  seeds_end_together
#       restarts_are_a_number  signal_before_the_ranks  lists_without_members_are_named  posix_changes_nothing
#       without_locks_the_table_is_made
set -euo pipefail
case=$1 slurm=$2 dir=$3/$1
rm -rf "$dir"
mkdir -p "$dir"/{bin,build/bin}
ln -s "$slurm" "$dir/slurm"
cd "$dir"
fail() {
  echo "$case: $*" >&2
  cat out >&2
  exit 1
}

program() { # NAME: its text from standard input
  { echo '#!/bin/bash' && cat; } >"$1"
  chmod +x "$1"
}
program bin/scontrol <<<'echo "$@" >>scontrol.log'
program bin/srun <<<'exit 0'
program build/bin/nnrec_dist <<<'exit 0'
program build/bin/nnrec_report <<'STAND_IN'
shift # --list
for run; do
  if [ -e "$run/result.json" ]; then echo "$(basename "$run")  finished  basic"; else echo "$run  unfinished"; fi
done
STAND_IN

# batch SCRIPT MEMBER: runs the script as Slurm does, within an array of two, its process in $SCRIPT; sets `code`.
batch() {
  code=0
  # shellcheck disable=SC2016  # the inner shell expands
  env PATH="$dir/bin:$PATH" SLURM_SUBMIT_DIR="$dir" SLURM_JOB_ID=7 SLURM_JOB_NAME=name SLURM_NTASKS=2 \
    SLURM_JOB_NODELIST=node1 SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID="$2" SLURM_ARRAY_TASK_COUNT=2 \
    VARIANTS=basic SEEDS="1 2" bash -c 'SCRIPT=$$ exec bash "slurm/$1"' bash "$1" >>out 2>&1 || code=$?
}

# The signal and the launcher's end come at once: the script is asleep until both have happened.
launcher_has_just_ended() {
  program bin/srun <<'STAND_IN'
until grep -qE 'wait|pipe|select|poll' "/proc/$SCRIPT/wchan"; do sleep 0.01; done
kill -STOP "$SCRIPT"
kill -USR1 "$SCRIPT"
(
  while grep -q '^State:[[:space:]]*[^Z[:space:]]' /proc/$$/status; do sleep 0.01; done
  kill -CONT "$SCRIPT"
) >/dev/null 2>&1 &
exit 75
STAND_IN
  for _ in 1 2 3 4 5; do
    rm -f scontrol.log
    batch train.sbatch 1
    [ "$code" -eq 75 ] || fail "exit code $code, not 75"
    [ "$(cat scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
  done
}

# The time is up when the ranks have ended by themselves: what is left to do is done.
signal_during_the_summary() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/flock <<<'kill -USR1 $SCRIPT'
  batch sweep.sbatch 1
  [ "$code" -eq 0 ] || fail "exit code $code, not 0"
  [ -s runs/sweep/summary.txt ] || fail "there is no summary"
}

finish() { # RUN...: as the trainer leaves a run that it has finished
  local run
  for run; do
    mkdir -p "$run"
    echo '{}' >"$run/result.json"
  done
}

members_end_together() {
  finish runs/sweep/basic-seed-{1,2}
  batch sweep.sbatch 1
  batch sweep.sbatch 2
  [ "$(grep -c '^basic-seed-1 .*finished ' out)" -eq 1 ] || fail "the table is printed so often, not once"
}

# Training is done by then.
without_locks_the_table_is_made() {
  program bin/flock <<<'exit 71'
  batch sweep.sbatch 1
  [ "$code" -eq 0 ] || fail "exit code $code, not 0"
  [ -s runs/sweep/summary.txt ] || fail "there is no summary"
}

seeds_end_together() {
  program build/bin/nnrec_report <<<'echo table | tee runs/reproduce/report.md'
  finish runs/reproduce/seed-{1,2}
  batch reproduce.sbatch 1
  batch reproduce.sbatch 2
  [ "$(grep -c '^table$' out)" -eq 1 ] || fail "the table is made so often, not once"
}

# The comparison with what is no number would be false for ever, and the job go round with it.
restarts_are_a_number() {
  program bin/srun <<<'echo started'
  MAX_RESTARTS=ten batch train.sbatch 1
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  [ "$(grep -c 'MAX_RESTARTS=ten: a number of 0 or more is expected' out)" -eq 1 ] || fail "not one message"
  ! grep -q started out || fail "ranks were started"
}

# A signal that comes while the ranks train is handed on, whatever the submitter's shell exports.
posix_changes_nothing() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<'STAND_IN'
trap 'exit 75' USR1
sleep 0.5
kill -USR1 $SCRIPT
for _ in {1..200}; do sleep 0.1; done
STAND_IN
  POSIXLY_CORRECT=1 batch train.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ "$(cat scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
}

# A job whose time is short is told before its ranks are there: they save all the same, and it goes on later.
signal_before_the_ranks() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/mkdir <<<'kill -USR1 $SCRIPT && exec /bin/mkdir "$@"'
  program bin/srun <<'STAND_IN'
trap 'exit 75' USR1
for _ in {1..200}; do sleep 0.1; done
STAND_IN
  batch sweep.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ "$(cat scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
}

lists_without_members_are_named() {
  echo '# none yet' >list
  LIST=list batch sweep.sbatch 1
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  grep -q 'an array over 0 runs' out || fail "no message"
  LIST=nowhere batch sweep.sbatch 1
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  grep -q 'LIST=nowhere: cannot be read' out || fail "no message"
}

"$case"
cd /
rm -rf "$dir"
