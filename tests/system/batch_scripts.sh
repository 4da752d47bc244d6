#!/usr/bin/env bash
# batch_scripts.sh CASE SLURM DIR: the batch scripts of the folder SLURM at moments that a cluster does not bring
# about when asked. `srun` and `scontrol` are stand-ins; slurm_test.sh tries the scripts on a real cluster.
# CASE: launcher_has_just_ended  signal_during_the_summary  members_end_together  seeds_end_together
#       restarts_are_a_number  signal_before_the_ranks  lists_without_members_are_named  posix_changes_nothing
#       without_locks_the_table_is_made  a_lost_signal_is_repeated  a_signal_that_kills_the_launcher_counts
#       a_signal_between_trials_stops  a_signal_waits_for_the_ranks  given_options_win  a_scripts_own_options_are_refused
#       a_damaged_neighbour_fails_nobody  members_called_alike_are_named  lists_of_other_systems_are_read
#       standard_input_is_handed_on  later_attempts_go_on  a_cancelled_script_saves
#       ranks_alone_are_told  ranks_have_the_scripts_environment
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
program bin/start_ranks <<<'touch runs/.starting-7/{0,1}' # what two ranks do first
program build/bin/nnrec_dist <<<'exit 0'
program build/bin/nnrec_report <<'STAND_IN'
shift # --list
for run; do
  if [ -e "$run/result.json" ]; then echo "$(basename "$run")  finished  basic"; else echo "$run  unfinished"; fi
done
STAND_IN

# batch SCRIPT MEMBER ARGUMENT...: runs the script as Slurm does, within an array of two, its process in $SCRIPT; sets `code`.
batch() {
  code=0
  # shellcheck disable=SC2016  # the inner shell expands
  env PATH="$dir/bin:$PATH" SLURM_SUBMIT_DIR="$dir" SLURM_JOB_ID=7 SLURM_JOB_NAME=name SLURM_NTASKS=2 \
    SLURM_JOB_NODELIST=node1 SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID="$2" SLURM_ARRAY_TASK_COUNT=2 \
    VARIANTS=basic SEEDS="1 2" bash -c 'SCRIPT=$$ exec bash "slurm/$1" "${@:2}"' bash "$1" "${@:3}" >>out 2>&1 || code=$?
}

expect_requeued() {
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ "$(cat scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
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
    expect_requeued
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
start_ranks
sleep 0.5
kill -USR1 $SCRIPT
for _ in {1..200}; do sleep 0.1; done
STAND_IN
  POSIXLY_CORRECT=1 batch train.sbatch 1
  expect_requeued
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
  expect_requeued
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

# A launcher whose ranks are not there yet forgets the signal.
a_lost_signal_is_repeated() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<'STAND_IN'
told=0
trap 'told=$((told + 1)); [ "$told" -lt 3 ] || exit 75' USR1
start_ranks
kill -USR1 $SCRIPT
for _ in {1..1000}; do sleep 0.1; done
STAND_IN
  batch train.sbatch 1
  expect_requeued
}

# scancel --batch, which tells no rank; and a preemption that comes behind the warning of the time limit.
a_cancelled_script_saves() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'trap "exit 75" USR1; start_ranks; kill -TERM $SCRIPT; while sleep 0.1; do :; done'
  batch train.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ ! -e scontrol.log ] || fail "scontrol was told: $(cat scontrol.log)"
  grep -q 'if it does not put it back .* submit the same line with --run runs/name-7 to go on' out ||
    fail "it does not say how to go on"
  rm out
  batch train.sbatch 1 --run runs/mine
  grep -q 'submit the same line to go on' out || fail "it does not say how to go on with a folder of one's own"
  search_stand_ins
  SEARCH=list batch sweep.sbatch 1
  [ "$code" -eq 75 ] || fail "a search: exit code $code, not 75"
  [ ! -e scontrol.log ] || fail "a search: scontrol was told: $(cat scontrol.log)"
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'trap "trap : USR1; kill -TERM $SCRIPT; sleep 0.5; exit 75" USR1; start_ranks; kill -USR1 $SCRIPT; while sleep 0.1; do :; done'
  batch train.sbatch 1
  expect_requeued
}

# A preemption with a grace time, and scancel --signal=TERM, tell the ranks alone.
ranks_alone_are_told() {
  program bin/srun <<<'exit 75'
  batch train.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ "$(cat scontrol.log)" = "show job 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
  grep -q 'its ranks were told to stop, and have saved: submit the same line with --run runs/name-7 to go on' out ||
    fail "it does not say how to go on"
  program bin/scontrol <<<'echo "$@" >>scontrol.log; echo "   PreemptEligibleTime=None PreemptTime=2026-01-01T00:00:00"'
  rm scontrol.log
  batch train.sbatch 1
  [ "$(tail -1 scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
  # Of mpirun its daemons on other hosts.
  program bin/mpirun <<<'exit 205'
  rm scontrol.log
  LAUNCHER=mpirun batch train.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  [ "$(tail -1 scontrol.log)" = "requeue 7_1" ] || fail "scontrol was told: $(cat scontrol.log)"
  # Of nothing of the kind it is its own, and what a sweep does then is done.
  program bin/scontrol <<<'exit 0'
  LAUNCHER=mpirun batch sweep.sbatch 1
  [ "$code" -eq 205 ] || fail "exit code $code, not 205"
  [ -e runs/sweep/summary.txt ] || fail "there is no table"
  # A requeue ends scontrol with the rest of the job.
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/scontrol <<<'echo PreemptTime=2026-01-01T00:00:00; [ "$1" = show ] || kill -TERM $$'
  rm out
  batch train.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  ! grep -q 'does not requeue' out || fail "it says that it was not put back"
}

# sbatch --export=NONE: srun would hand the ranks neither PATH nor the number of threads.
ranks_have_the_scripts_environment() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'echo "export: $SLURM_EXPORT_ENV"'
  SLURM_EXPORT_ENV=NONE batch train.sbatch 1
  grep -q '^export: ALL$' out || fail "they have not"
}

# And one that cannot pass it on dies of it: of a trial, too.
a_signal_that_kills_the_launcher_counts() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'start_ranks && kill -USR1 $SCRIPT && exec sleep 100'
  batch train.sbatch 1
  expect_requeued
  rm scontrol.log
  # As mpirun does, of an error of its own, where other hosts are not there yet.
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/mpirun <<<'trap "exit 244" USR1; start_ranks; kill -USR1 $SCRIPT; while sleep 0.1; do :; done'
  LAUNCHER=mpirun batch train.sbatch 1
  expect_requeued
  rm scontrol.log
  search_stand_ins
  SEARCH=list batch sweep.sbatch 1
  expect_requeued
}

# A rank that is not there yet would die of it, and leave the next attempt what it stumbles over.
a_signal_waits_for_the_ranks() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<'STAND_IN'
trap 'exit 1' USR1
touch runs/.starting-7/0 # one of two
kill -USR1 $SCRIPT
sleep 3
trap 'exit 75' USR1
start_ranks
for _ in {1..1000}; do sleep 0.1; done
STAND_IN
  batch train.sbatch 1
  expect_requeued
  [ ! -e runs/.starting-7 ] || fail "its folder is left"
  # What each rank does: it outlives the signal, and says so before the program begins.
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'while [[ $1 == --* ]]; do shift; done; SLURM_PROCID=1 exec "$@"'
  # shellcheck disable=SC2016  # the stand-in expands
  program build/bin/nnrec_dist <<<'kill -USR1 $$ && [ -e runs/.starting-7/1 ] && echo "outlived: $*"'
  batch train.sbatch 1
  grep -q '^outlived: --run runs/name-7$' out || fail "a rank dies of it"
}

search_stand_ins() { # a trial that is never finished
  program build/bin/nnrec_tune <<<'mkdir -p runs/sweep/trial-1 && echo trial-1/epochs-1 1 auto'
}
a_signal_between_trials_stops() {
  search_stand_ins
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/flock <<<'kill -USR1 $SCRIPT'
  program bin/srun <<<'echo started'
  SEARCH=list batch sweep.sbatch 1
  expect_requeued
  ! grep -q '^started' out || fail "a trial was begun"
}

given_options_win() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'echo "started: $*"'
  program build/bin/nnrec_prep <<<'exit 0'
  printf 'variant = complex\n run=runs/mine\ndata = other\n' >mine.cfg
  batch train.sbatch 1
  grep -q '^started: .*--run runs/name-7$' out || fail "no folder of its own"
  batch train.sbatch 1 --verify runs/mine
  grep -q '^started: .*nnrec_dist --verify runs/mine$' out || fail "--verify gets a folder"
  batch train.sbatch 1 --plan 1,2
  grep -q '^started: .*nnrec_dist --plan 1,2$' out || fail "--plan gets a folder"
  batch train.sbatch 1 --plan none
  grep -q '^started: .*--run runs/name-7 --plan none$' out || fail "--plan none, which trains, gets no folder"
  batch train.sbatch 1 --config mine.cfg
  grep -q '^started: .*nnrec_dist --config mine.cfg$' out || fail "the folder of --config does not count"
  batch reproduce.sbatch 1 --data=mine
  [ "$(grep -c '^started: .*--data' out)" -eq 1 ] || fail "--data twice"
  ! grep '^started: ' out | grep data/default || fail "--data is not what was given"
  sed -i /run=/d mine.cfg
  batch reproduce.sbatch 1 --config=mine.cfg
  ! grep '^started: .*--config=' out | grep -E -- '--(data|variant) ' || fail "--config does not win"
  batch prep.sbatch 1 --threads 3
  grep -q '^started: .*nnrec_prep --threads 3$' out || fail "--threads is not what was given"
}

a_scripts_own_options_are_refused() {
  program bin/srun <<<'echo started'
  local script
  for script in reproduce sweep; do
    batch "$script.sbatch" 1 --run mine
    [ "$code" -eq 2 ] || fail "$script: exit code $code, not 2"
    grep -q -- "--run is this script's own: .* train into runs/$script" out || fail "$script: no message"
  done
  batch reproduce.sbatch 1 --seed 1
  [ "$code" -eq 2 ] || fail "--seed: exit code $code, not 2"
  ! grep -q started out || fail "ranks were started"
}

a_damaged_neighbour_fails_nobody() {
  program build/bin/nnrec_report <<<'echo half a table; exit 1'
  finish runs/reproduce/seed-{1,2}
  local script
  for script in sweep reproduce; do
    batch "$script.sbatch" 1
    [ "$code" -eq 0 ] || fail "$script: exit code $code, not 0"
    grep -q 'the table or its chart cannot be made' out || fail "$script says nothing"
  done
  [ -z "$(ls runs/sweep)" ] || fail "left: $(ls runs/sweep)"
  program bin/srun <<<'exit 75'
  batch sweep.sbatch 1
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
}

members_called_alike_are_named() {
  program bin/srun <<<'echo started'
  printf 'one --seed 1\ntwo\none --seed 2\n' >list
  LIST=list batch sweep.sbatch 2
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  grep -q 'several members are called one,' out || fail "no message"
  ! grep -q started out || fail "ranks were started"
}

lists_of_other_systems_are_read() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'printf "%q " "${@: -4}"'
  printf '# mine\r\n\r\none --seed 2\r\n' >list
  LIST=list batch sweep.sbatch 1
  grep -q -- '--run runs/sweep/one --seed 2 ' out || fail "another command"
}

# sbatch --input
standard_input_is_handed_on() {
  # shellcheck disable=SC2016  # the stand-in expands
  program bin/srun <<<'echo "read: $(cat)"'
  batch train.sbatch 1 <<<words
  grep -q '^read: words$' out || fail "it is not"
  batch train.sbatch 1 <&-
  [ "$code" -eq 0 ] || fail "a closed one ends it with $code"
}

# Where a job's first attempt found no run, what a later one finds is its own, and what a beginning asks for is over.
later_attempts_go_on() {
  program bin/srun <<<'echo "started: $*"'
  export SLURM_RESTART_COUNT
  expect_resume() { # ATTEMPT OPTIONS_OF_RESUME ARGUMENT...
    rm -f out
    SLURM_RESTART_COUNT=$1 batch train.sbatch 1 "${@:3}"
    [ "$(grep -oE -- '--resume[ =].*' out)" = "$2" ] || fail "attempt $1 with ${*:3}: not '$2'"
  }
  echo 'resume = never' >once.cfg
  expect_resume 0 "--resume never" --resume never
  expect_resume 1 "--resume auto" --resume never
  expect_resume 1 "--resume=auto --seed 3" --resume=never --seed 3
  rm runs/.begun-7
  expect_resume 0 "" --config once.cfg
  expect_resume 1 "--resume auto" --config once.cfg
  expect_resume 1 "" --verify runs/mine
  # The newest of the run's own, which it no longer is; and another run's, from which this one may be about to branch.
  local own=runs/mine/checkpoints/basic-step-5.h5 other=runs/other/checkpoints/basic-step-5.h5
  mkdir -p runs/{mine,other}/checkpoints
  touch "$own" "$other"
  expect_resume 0 "--resume $own" --run runs/mine --resume "$own"
  expect_resume 1 "--resume auto" --run runs/mine --resume "$own"
  expect_resume 1 "--resume $dir/$own --run runs/../runs/mine/" --resume "$dir/$own" --run runs/../runs/mine/
  expect_resume 1 "--resume auto --run runs/../runs/mine/" --resume "$dir/$own" --run runs/../runs/mine/
  rm "$own"
  expect_resume 1 "--resume auto" --run runs/mine --resume "$own"
  expect_resume 1 "--resume $other" --run runs/mine --resume "$other"
  printf 'resume = %s\n' "$other" >once.cfg
  expect_resume 1 "" --run runs/mine --config once.cfg
  printf 'resume = %s\nrun = runs/mine\n' "$own" >once.cfg
  expect_resume 1 "--resume auto" --config once.cfg
  # A job may be requeued before it has come to its run.
  expect_resume 1 "--resume never" --run runs/late --resume never
  mkdir -p runs/late/checkpoints
  expect_resume 2 "--resume auto" --run runs/late --resume never
  # A run that was there before this job is another's at its every attempt.
  mkdir -p runs/former/checkpoints
  expect_resume 0 "--resume never" --run runs/former --resume never
  expect_resume 1 "--resume never" --run runs/former --resume never
  for script in sweep reproduce; do
    rm -f out
    SLURM_RESTART_COUNT=0 batch "$script.sbatch" 1 --resume never
    grep -q '^started: .*--resume never' out || fail "$script does not begin"
    rm -f out
    SLURM_RESTART_COUNT=1 batch "$script.sbatch" 1 --resume never
    grep -q '^started: .*--resume auto' out || fail "$script begins anew"
  done
}

"$case"
cd /
rm -rf "$dir"
