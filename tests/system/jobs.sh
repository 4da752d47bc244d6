#!/usr/bin/env bash
# jobs.sh CASE BIN JOBS DIR: the scripts of the folder JOBS in a project of their own, with the programs of BIN;
# what installs and builds is a stand-in.
# CASE: quickstart_keeps_what_is_there  reproduce_keeps_what_is_there  root_is_allowed_in_containers_only
#       reproduce_judges_presets_by_splits  reproduce_refuses_variants_of_the_published_table
#       tuning_goes_on_where_it_was_killed  tunings_share_a_folder  tuning_names_what_is_wrong_once
#       scripts_leave_each_others_sets_alone
#       other_shells_settings_change_nothing  nobody_reads_the_output  without_locks_a_tuning_stops
#       ranks_know_of_the_terminal  a_lost_stop_is_repeated  a_stop_that_kills_the_launcher_counts
#       a_stop_at_any_moment_saves  a_second_stop_ends_at_once  a_held_stop_is_taken  scripts_stop_their_ranks
#       whatever_ends_a_script_stops_its_ranks  a_tuning_stops_its_ranks
#       a_preflight_is_stopped  without_sessions_nothing_starts  standard_input_is_handed_on
#       a_stop_of_all_processes_is_heard_to_the_end  what_is_ignored_stays_so_behind_a_launch
#       scripts_leave_standard_input_alone  an_exit_code_comes_in_pieces  scripts_are_called_by_links
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

# Of a preset: a row a variant, the official fold where the data has it, and the same command goes on.
reproduce_judges_presets_by_splits() {
  mkdir data
  cp "$jobs/../data/reference_results.csv" data
  unset NNREC_DATA
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >out
  head -n 2000 data/ml-100k/u.data >data/ml-100k/u1.base
  tail -n 1000 data/ml-100k/u.data >data/ml-100k/u1.test
  local command=(jobs/reproduce.sh --preset tuned --variants "basic,deep_fm" --seeds 1 --epochs 1 --ranks 1
    --folder runs/tuned)
  "${command[@]}" >out 2>&1 || fail "fails"
  grep -qE '^model +random +spread +goal +u1 +spread +goal +published +uses$' out || fail "no columns"
  [ "$(grep -cE '^(basic|deep_fm), tuned +[0-9.]+ ' out)" -eq 2 ] || fail "not two rows"
  cp runs/tuned/table.txt table
  touch before
  "${command[@]}" >out 2>&1 || fail "does not go on"
  cmp runs/tuned/table.txt table || fail "another table"
  [ -z "$(find runs/tuned -path '*/checkpoints/*.h5' -newer before)" ] || fail "what has ended was trained again"
}

scripts_leave_each_others_sets_alone() {
  unset NNREC_DATA
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >out
  cp "$jobs/../data/reference_results.csv" data
  local lock code place command
  for place in data/quickstart runs/one/.sets/published runs/one/.sets/splits; do
    case $place in
      *quickstart) command=jobs/quickstart.sh ;;
      *published) command="jobs/reproduce.sh --folder runs/one" ;;
      *splits) command="jobs/reproduce.sh --preset tuned --folder runs/one" ;;
    esac
    mkdir -p "$place"
    touch "$place/used"
    exec {lock}>"$place.lock"
    flock "$lock"
    code=0
    $command >out 2>&1 || code=$?
    exec {lock}>&-
    [ "$code" -eq 3 ] || fail "$command ends with $code"
    grep -q 'is in use by another of these scripts: wait for its end' out || fail "$command does not say why"
    [ -e "$place/used" ] || fail "the set of $command is gone"
  done
  mkdir -p runs/two/sets/mine
  jobs/reproduce.sh --folder runs/two --seeds 1 --epochs 1 >out 2>&1 || fail "another folder is in the way"
  jobs/reproduce.sh --preset tuned --variants basic --folder runs/two --seeds 1 --epochs 1 >out 2>&1 || fail "fails"
  [ -e runs/two/sets/mine ] || fail "the user's set is gone"
  [ -e runs/two/.sets/published/manifest.h5 ] || fail "the set of the published runs is gone"
}

reproduce_refuses_variants_of_the_published_table() {
  local result=0
  jobs/reproduce.sh --variants basic >out 2>&1 || result=$?
  [ "$result" -eq 2 ] || fail "ends with $result"
  grep -q -- '--variants goes with --preset tuned or sampled' out || fail "does not say why"
  if [ -e runs/tuned ] || [ -e data ]; then fail "begins all the same"; fi
}

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
# Few epochs of many steps: a trial takes long enough to be met in its midst, and saves little.
tuning=(--data cut --fixed variant=basic --fixed "batch=1" --search learning-rate=0.001..0.02:log
  --search "optimizer=adam,adagrad" --trials 4 --rungs "6,8" --reduction-factor 2)
tune() { jobs/tune.sh "$1" "${tuning[@]}" "${@:2}" >out 2>&1; } # FOLDER ARGUMENT...
table_of() { sed -n '/^trial /,/^chart/p' "$1" | grep -v ^chart; } # FILE
# lose_power TUNER: ends it, and its workers with their ranks, at once.
lose_power() {
  local worker
  kill -STOP "$1"
  for worker in $(ps -o pid= --ppid "$1"); do kill -KILL -- "-$worker" 2>/dev/null || true; done
  kill -KILL "$1"
  wait "$1" 2>/dev/null || true
  ranks_of "disturbed/.*" | xargs -r kill -KILL
}
# in_mid_trial FOLDER: a trial has ended, and another one has saved but not ended.
in_mid_trial() {
  local saved
  compgen -G "$1/*/epochs-6/result.json" >/dev/null || return 1
  for saved in "$1"/*/epochs-6/checkpoints/*.h5; do
    [ -e "$(dirname "$saved")/../result.json" ] || return 0
  done
  return 1
}

# Of processes those that this test started: another build's tests run the same commands.
own() {
  local process
  while read -r process; do
    if [ "$(readlink "/proc/$process/cwd")" = "$(pwd -P)" ]; then echo "$process"; fi
  done
}
# ranks_of RUN: processes of ranks.
ranks_of() { { pgrep -f "^build/bin/nnrec_dist .*--run $1( |\$)" || true; } | own; }

# Killed in the midst of its first trial, and of another when one has ended, it ends in the table of one that nobody
# disturbed, and trains what has ended no second time.
tuning_goes_on_where_it_was_killed() {
  local first tuner
  make_cut
  tune undisturbed --jobs 1 || fail "fails"
  table_of out >table
  [ "$(grep -cE '^(as-given|trial-00[1-4]) ' table)" -eq 5 ] || fail "not all trials are in the table"
  [ "$(grep -c 'epochs-8: on from epochs-6$' out)" -eq 3 ] || fail "not three of five went on"
  # First in the midst of the first one, whose options are those as given.
  jobs/tune.sh disturbed "${tuning[@]}" --jobs 1 >out 2>&1 &
  tuner=$!
  until compgen -G 'disturbed/*/epochs-6/checkpoints/*.h5' >/dev/null; do
    kill -0 "$tuner" 2>/dev/null || fail "ended undisturbed"
    sleep 0.01
  done
  lose_power "$tuner"
  [ ! -e disturbed/as-given/epochs-6/result.json ] || fail "the first trial has ended: killed too late"
  jobs/tune.sh disturbed --jobs 1 >out 2>&1 &
  tuner=$!
  until in_mid_trial disturbed; do
    kill -0 "$tuner" 2>/dev/null || fail "ended undisturbed"
    sleep 0.01
  done
  lose_power "$tuner"
  in_mid_trial disturbed || fail "all trials that had begun have ended: killed too late"
  first=$(compgen -G "disturbed/*/epochs-6/result.json")
  touch killed
  jobs/tune.sh disturbed --jobs 2 >out 2>&1 || fail "does not go on"
  table_of out | cmp - table || fail "the tables differ"
  for first in $first; do
    [ "$first" -ot killed ] || fail "$first was trained again"
  done
  [ -s disturbed/trials.svg ] || fail "no chart"
  grep -q ': on from where it was stopped$' out || fail "does not say that a trial goes on"
}

# Who comes to a tuning that another one works on takes part in it.
tunings_share_a_folder() {
  local tuner
  make_cut
  tune shared --jobs 1 &
  tuner=$!
  until compgen -G 'shared/as-given/epochs-6/checkpoints/*.h5' >/dev/null; do
    kill -0 "$tuner" 2>/dev/null || fail "ended alone"
    sleep 0.01
  done
  jobs/tune.sh shared --jobs 1 >second 2>&1 || { cat second >&2 && fail "the second does not take part"; }
  wait "$tuner" || fail "the first fails"
  table_of second >table
  table_of out | cmp - table || fail "the tables differ"
  grep -q ': from its start$' second || fail "the second trained nothing"
}

tuning_names_what_is_wrong_once() {
  local code
  make_cut
  code=0 && tune wrong --fixed learnin-rate=1 || code=$?
  [ "$code" -eq 2 ] || fail "exit code $code, not 2"
  [ "$(grep -c 'did you mean.*learning-rate' out)" -eq 1 ] || fail "not one message"
  ! compgen -G 'wrong/*/epochs-6' >/dev/null || fail "a trial has begun"
  code=0 && jobs/tune.sh diverging --data cut --fixed variant=one_layer --search learning-rate=1e20..1e30:log \
    --trials 4 --rungs 1 >out 2>&1 || code=$?
  [ "$code" -eq 0 ] || fail "trials that fail end the others: exit code $code"
  [ "$(grep -c 'failed, nnrec_dist: .*not finite' out)" -eq 4 ] || fail "what failed is not said"
  grep -q '^4 of 5 trials failed in 1 epochs' out || fail "what failed is not in the table"
}

# What people's shells may export.
other_shells_settings_change_nothing() {
  make_cut
  CDPATH=.:/tmp POSIXLY_CORRECT=1 jobs/tune.sh settings --data cut --fixed variant=basic --trials 1 --rungs 1 \
    --search learning-rate=0.001..0.02:log >out 2>&1 || fail "fails"
  # POSIX has a signal end what is being read: here the launcher's exit code.
  program stand-ins/mpirun <<<'trap "exit 75" USR1
    touch started
    for _ in {1..200}; do sleep 0.1; done'
  local script code=0
  POSIXLY_CORRECT=1 jobs/mpirun.sh -np 2 program >out 2>&1 &
  script=$!
  until [ -e started ]; do sleep 0.05; done
  kill -TERM "$script"
  wait "$script" || code=$?
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
  # Where a site's start-up file says something, this is neither a process nor an exit code.
  echo 'echo 7 modules loaded; echo as always >&2; exec 3>/dev/null' >site
  for code in 0 5; do
    program stand-ins/mpirun <<<"echo of the ranks && [ -n \"\$BASH_ENV\" ] && exit $code"
    script=0
    BASH_ENV=$PWD/site jobs/mpirun.sh -np 2 program >out 2>&1 || script=$?
    [ "$script" -eq "$code" ] || fail "exit code $script, not $code"
    grep -q '^of the ranks$' out || fail "the output is gone"
  done
}

scripts_are_called_by_links() {
  mkdir links
  for script in quickstart reproduce tune mpirun; do ln -s "../jobs/$script.sh" "links/$script"; done
  for script in quickstart reproduce tune; do
    links/$script --help >out 2>&1 || fail "$script by a link"
  done
}

# mpirun itself crashes where who reads its output has gone (`| head`), or is killed.
nobody_reads_the_output() {
  make_cut
  local ranks=(jobs/mpirun.sh --oversubscribe --bind-to none -np 2 build/bin/nnrec_dist --threads 1 --data cut
    --variant basic --batch 10 --epochs 40)
  { "${ranks[@]}" --run piped 2>&1 || touch failed; } | read -r _
  [ ! -e failed ] || fail "a closed pipe ends it"
  [ -e piped/result.json ] || fail "a closed pipe ends the training"
  "${ranks[@]}" --run closed >&- 2>&- || fail "closed streams end it"
  [ -e closed/result.json ] || fail "closed streams end the training"
}

# mpirun hides it from them.
ranks_know_of_the_terminal() {
  # shellcheck disable=SC2016  # the stand-in expands
  program stand-ins/mpirun <<<'echo "terminal: ${NNREC_TERMINAL-no}"'
  jobs/mpirun.sh -np 2 program >out
  grep -q '^terminal: no$' out || fail "a file is taken for one"
  script -qc "jobs/mpirun.sh -np 2 program" /dev/null >out </dev/null
  grep -q '^terminal: 1' out || fail "a terminal is not"
}

# What waited for locks there would wait for ever, or train a trial twice.
without_locks_a_tuning_stops() {
  local code=0
  make_cut
  program stand-ins/flock <<<'exit 71'
  timeout 60 jobs/tune.sh lockless --data cut --fixed variant=basic --search learning-rate=0.001..0.02:log --trials 1 \
    --rungs 1 --jobs 1 >out 2>&1 || code=$?
  [ "$code" -eq 3 ] || fail "exit code $code, not 3"
  [ "$(grep -c 'lockless: its file system has no locks' out)" -eq 1 ] || fail "not one message"
}

# Signals PROCESS, a script, as soon as COMMAND succeeds.
tell_when() { # SIGNAL PROCESS COMMAND...
  until "${@:3}"; do
    kill -0 "$2" 2>/dev/null || fail "has ended before"
    sleep 0.02
  done
  kill "-$1" "$2"
}
expect_stopped() { # PROCESS
  local code=0
  wait "$1" || code=$?
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
}
is_there() { [ -e "$1" ]; }

# A launcher whose ranks are not there yet forgets the signal.
deaf_launcher() {
  program stand-ins/mpirun <<'STAND_IN'
told=0
trap 'told=$((told + 1)); [ "$told" -lt 3 ] || exit 75' USR1
touch started
for _ in {1..1000}; do sleep 0.1; done
STAND_IN
}
a_lost_stop_is_repeated() {
  deaf_launcher
  jobs/mpirun.sh -np 2 program >out 2>&1 &
  tell_when TERM $! is_there started
  expect_stopped $!
}

# The time to repeat a request may be over within the line that says how the launcher ended.
an_exit_code_comes_in_pieces() {
  # shellcheck source=jobs/launch.sh
  . jobs/launch.sh
  local code=0
  exec 7< <(echo "$$" && printf 7 && sleep 1.5 && echo 5)
  follow_launcher >out 2>&1 || code=$?
  [ "$code" -eq 75 ] || fail "exit code $code, not 75"
}

# As a batch system tells all processes of a job: who hands on what the ranks say, and how they end, stays to the end.
a_stop_of_all_processes_is_heard_to_the_end() {
  local script session signal
  # shellcheck disable=SC2016  # the stand-in expands
  program stand-ins/mpirun <<<'trap "sleep 1; echo all is saved; exit 75" TERM HUP USR1; echo $$ >started
    for _ in {1..1000}; do sleep 0.1; done'
  for signal in TERM HUP USR1; do
    rm -f started
    jobs/mpirun.sh -np 2 program >out 2>&1 &
    script=$!
    until [ -s started ]; do sleep 0.05; done
    session=$(ps -o sid= -p "$(cat started)")
    [ "$(pgrep -cs "${session// /}")" -ge 4 ] || fail "the launcher's session has not its shell, two tees and itself"
    pkill "-$signal" -s "${session// /}"
    kill "-$signal" "$script"
    expect_stopped "$script"
    grep -q '^all is saved$' out || fail "$signal: the last words are lost"
  done
}

# As INT is of what runs beside a script.
what_is_ignored_stays_so_behind_a_launch() {
  # shellcheck disable=SC2016  # the inner shell expands
  (trap '' INT HUP && exec bash -c '. jobs/launch.sh && grep SigIgn /proc/$$/status >before && launch true &&
    grep SigIgn /proc/$$/status >after')
  cmp before after || fail "other signals are ignored behind it"
}

# And one that cannot pass it on dies of it.
a_stop_that_kills_the_launcher_counts() {
  program stand-ins/mpirun <<<'touch started && exec sleep 100'
  jobs/mpirun.sh -np 2 program >out 2>&1 &
  tell_when TERM $! is_there started
  expect_stopped $!
  # Who ends of another's USR1 was not asked.
  local code=0
  program stand-ins/mpirun <<<'kill -USR1 $$'
  jobs/mpirun.sh -np 2 program >out 2>&1 || code=$?
  [ "$code" -eq 138 ] || fail "exit code $code, not 138"
}

# Open MPI 5's mpirun goes on as prterun.
launcher_of() { [ -n "$({ pgrep -f "^([^ ]*/)?(mpirun|prterun) .*--run $1( |\$)" || true; } | own)" ]; }
has_ranks() { [ -n "$(ranks_of "$1")" ]; }
is_begun() { [ -e "$1/log.txt" ]; }
a_stop_at_any_moment_saves() {
  make_cut
  local moment round run
  for round in 1 2; do
    for moment in launcher_of has_ranks is_begun; do
      run=$moment-$round
      jobs/mpirun.sh --oversubscribe --bind-to none -np 2 build/bin/nnrec_dist --threads 1 --data cut --variant basic \
        --epochs 1000000 --run "$run" >out 2>&1 &
      tell_when TERM $! "$moment" "$run"
      expect_stopped $!
      ! has_ranks "$run" || fail "$run: ranks are left"
    done
  done
}

a_second_stop_ends_at_once() {
  local script code=0
  # shellcheck disable=SC2016  # the stand-in expands
  program stand-ins/mpirun <<<'trap "" USR1; touch started; while sleep 0.1; do :; done'
  jobs/mpirun.sh -np 2 program >out 2>&1 &
  script=$!
  tell_when TERM "$script" is_there started
  while kill -TERM "$script" 2>/dev/null; do sleep 0.2; done
  wait "$script" || code=$?
  [ "$code" -eq 143 ] || fail "exit code $code, not 143"
}

# A launcher may hold signals until the ranks can take them.
a_held_stop_is_taken() {
  make_cut
  local signal code
  for signal in TERM USR1; do
    code=0
    # shellcheck disable=SC2016  # the inner shell expands
    env --block-signal="$signal" bash -c 'kill "-$0" $$ && exec build/bin/nnrec_dist "$@"' "$signal" --data cut \
      --variant basic --epochs 200 --run "held-$signal" >out 2>&1 || code=$?
    [ "$code" -eq 75 ] || fail "$signal: exit code $code, not 75"
  done
}

# Nothing that these scripts have started trains on.
scripts_stop_their_ranks() {
  unset NNREC_DATA
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >out
  local signal
  for signal in TERM HUP; do
    jobs/reproduce.sh --ranks 1 --epochs 999999 --folder "runs/$signal" >out 2>&1 &
    tell_when "$signal" $! is_begun "runs/$signal/seed-1"
    expect_stopped $!
    ! has_ranks "runs/$signal/seed-1" || fail "the rank is left"
    [ ! -e "runs/$signal/seed-2" ] || fail "the next seed was begun"
  done
  deaf_launcher
  jobs/quickstart.sh >out 2>&1 &
  tell_when TERM $! is_there started
  expect_stopped $!
  ! compgen -G 'runs/*/report.md' >/dev/null || fail "goes on after a stop"
}

# Signals that a shell would die of, while its ranks have a session of their own. Those that a shell
# ignores in what it starts beside itself are as they would be by hand.
whatever_ends_a_script_stops_its_ranks() {
  make_cut
  local signal run
  for signal in INT QUIT USR2 XCPU PIPE; do
    run=told-$signal
    env --default-signal jobs/mpirun.sh --oversubscribe --bind-to none -np 2 build/bin/nnrec_dist --threads 1 --data cut \
      --variant basic --epochs 1000000 --run "$run" >out 2>&1 &
    tell_when "$signal" $! is_begun "$run"
    expect_stopped $!
    ! has_ranks "$run" || fail "$signal: ranks are left"
  done
}

trial_has_begun() { compgen -G "$1/*/epochs-1000000/checkpoints/*.h5" >/dev/null; }
a_tuning_stops_its_ranks() {
  make_cut
  local signal
  for signal in INT USR1 XCPU; do
    env --default-signal jobs/tune.sh "$signal" --data cut --fixed variant=basic --fixed batch=1 --jobs 1 --trials 1 \
      --search learning-rate=0.001..0.02:log --rungs 1000000 >out 2>&1 &
    tell_when "$signal" $! trial_has_begun "$signal"
    expect_stopped $!
    [ -z "$(ranks_of "$signal/.*")" ] || fail "$signal: a rank is left"
  done
}

a_preflight_is_stopped() {
  make_cut
  deaf_launcher
  jobs/tune.sh stopped --ranks 2 "${tuning[@]}" >out 2>&1 &
  tell_when TERM $! is_there started
  expect_stopped $!
  ! compgen -G 'stopped/*/epochs-6' >/dev/null || fail "a trial has begun"
}

without_sessions_nothing_starts() {
  local code=0 tool
  mkdir tools
  for tool in bash realpath dirname id; do ln -s "$(command -v "$tool")" tools; done
  program tools/mpirun <<<'echo started'
  PATH=$dir/tools jobs/mpirun.sh -np 2 program >out 2>&1 || code=$?
  [ "$code" -eq 3 ] || fail "exit code $code, not 3"
  [ "$(grep -c 'setsid (package util-linux) is not on PATH' out)" -eq 1 ] || fail "not one message"
  ! grep -q started out || fail "is started all the same"
}

standard_input_is_handed_on() {
  # shellcheck disable=SC2016  # the stand-in expands
  program stand-ins/mpirun <<<'echo "read: $(cat)"'
  echo words | jobs/mpirun.sh -np 2 program >out 2>&1 || fail "fails"
  grep -q '^read: words$' out || fail "it is not"
  timeout 60 jobs/mpirun.sh -np 2 program <&- >out 2>&1 || fail "a closed one ends it"
  # To the options.
  rm stand-ins/mpirun
  make_cut
  printf 'epochs = 2\nvariant = basic\n' | jobs/mpirun.sh --oversubscribe --bind-to none -np 1 build/bin/nnrec_dist \
    --config /dev/stdin --data cut --run piped >out 2>&1 || fail "ends otherwise"
  [ "$(grep -c '^basic,' piped/history.csv)" -eq 2 ] || fail "other epochs than it says"
}

# What called them may be reading there.
scripts_leave_standard_input_alone() {
  unset NNREC_DATA
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >out
  local next
  {
    jobs/reproduce.sh --ranks 2 --seeds 1 --epochs 1 >out 2>&1 || fail "fails"
    read -r next || true
  } <<<next
  [ "$next" = next ] || fail "it is read"
}

"$case"
cd /
rm -rf "$dir"
