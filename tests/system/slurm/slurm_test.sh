#!/usr/bin/env bash
# slurm_test.sh BIN README: what README.md says under "On a cluster" is typed as written, jobs are told to stop
# when they have hardly begun, then others meet their time limit, scontrol requeue, a host without power, scancel and a killed array member. All must end with the
# model digest and the history of one undisturbed process. Runs within with_cluster.sh 3 8.
#
# Disturbed jobs run over a slow network: they last as long as it is slow, on any processor. When all have been
# disturbed it is made fast, and they end within a second or two.
set -euo pipefail
bin=$1 readme=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/slurm/cluster.sh
. "$here/cluster.sh"
# shellcheck source=tests/system/outcome.sh
. "$here/../outcome.sh"
project=$CLUSTER/project
training=(--variant basic --epochs 60 --batch 200 --checkpoint-every 5steps --exchange owner)

ok() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() {
  set +e
  echo "FAILED: $*" >&2
  squeue --format='%i %j %t %r %N' >&2
  tail -n 25 "$project"/*.out "$CLUSTER"/log/* >&2
  exit 1
}
# Nothing here depends on how long something takes: a busy machine needs several times as long as an idle one.
readonly patience=200 # seconds
wait_for() { wait_until "$patience" "$@" || fail "$1"; } # TEXT COMMAND...

# ---- jobs -----------------------------------------------------------------------------------------

# submit ARGUMENT...: submits; sets `job`. Each rank has one processor.
submit() {
  local answer
  answer=$(sbatch --cpus-per-task=1 "$@") || fail "sbatch $*"
  job=${answer##* }
}
is_gone() { [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]; }
# field JOB NAME: of the latest record of a job.
field() { scontrol --oneliner show job "$1" | sed -n 1p | grep -oE "(^| )$2=[^ ]*" | cut -d= -f2; }
is_field() { [ "$(field "$1" "$2")" = "$3" ]; }
expect_field() { is_field "$@" || fail "job $1: $2 is $(field "$1" "$2"), not $3"; }
# has_steps RUN: training is under way and a checkpoint in the middle of it is there.
has_steps() { compgen -G "runs/$1/checkpoints/basic-step-*.h5" >/dev/null; }

expect_reference() { # RUN
  [ "$(outcome "runs/$1")" = "$reference" ] || fail "runs/$1: $(outcome "runs/$1") is not $reference"
}
expect_resumed() { # RUN
  grep -q '^basic: goes on from ' "runs/$1/log.txt" || fail "runs/$1 began anew"
}

# ---- the project as a user sees it ----------------------------------------------------------------

make_project() {
  mkdir -p "$project"/{build,data,runs}
  ln -s "$(cd "$here/../../../slurm" && pwd)" "$project/slurm"
  ln -s "$(cd "$here/../../../jobs" && pwd)" "$project/jobs"
  ln -s "$bin" "$project/build/bin"
  cd "$project"
  "$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output data/ml-100k >/dev/null
}

# The lines that README.md shows as typed in its section on clusters.
readme_commands() { sed -n '/^## On a cluster/,/^## /p' "$readme" | sed -n 's/^    //p'; }

type_readme_commands() {
  local line answer count=0
  while read -r line; do
    answer=$(bash -c "$line" </dev/null 2>&1) || fail "$line: $answer"
    count=$((count + 1))
    case $answer in
      "Submitted batch job "*)
        job=${answer##* }
        wait_for "the job of '$line' is done" is_gone "$job"
        expect_field "$job" JobState COMPLETED
        ;;
    esac
    ok "$line"
  done < <(readme_commands)
  [ "$count" -ge 5 ] || fail "README.md shows $count commands for clusters"
}

check_readme_results() {
  local run variants
  for run in srun mpirun; do
    OMP_NUM_THREADS=1 build/bin/nnrec_dist --variant complex --run "runs/one-process-$run" >/dev/null
    [ "$(outcome "runs/cluster-$run")" = "$(outcome "runs/one-process-$run")" ] || fail "2 hosts by $run: other bits"
  done
  ok "2 hosts by srun and by mpirun: the bits of one process"
  variants=$(awk '$2 == "finished" { print $3 }' runs/learning-rates/summary.txt | sort | uniq -c | xargs)
  [ "$variants" = "4 one_layer" ] || fail "the sweep's table has: $variants"
  [ "$(grep -l '^run  *state ' slurm-nnrec-sweep-*.out | wc -l)" -eq 2 ] || fail "two sweeps print two tables"
  [ "$(grep -cE '^(as-given|trial-00[1-4]) ' runs/tuned-basic/summary.txt)" -eq 5 ] || fail "the search's table lacks trials"
  [ "$(grep -l '^trial  *place ' slurm-nnrec-sweep-*.out | wc -l)" -eq 1 ] || fail "the search prints one table"
  [ "$(cat slurm-nnrec-sweep-*.out | grep -c '/epochs-1: from its start')" -eq 5 ] || fail "a trial was trained twice"
  [ "$(grep -l '^chart: ' slurm-nnrec-reproduce-*.out | wc -l)" -eq 1 ] || fail "the published table is made once"
  [ "$(grep -c '^| ' runs/reproduce/report.md)" -ge 5 ] || fail "runs/reproduce/report.md has no table"
  ok "tables of the sweep and of the published results"
}

# Both ways on hosts with unequal numbers of ranks.
check_exchanges() {
  local way
  for way in owner reduce; do
    OMP_NUM_THREADS=1 srun --mpi=pmix --nodes=3 --ntasks=5 build/bin/nnrec_dist --variant complex --exchange "$way" \
      --run "runs/exchange-$way" >"exchange-$way.out" 2>&1 || fail "--exchange $way: $(tail -n 3 "exchange-$way.out")"
    grep -q "  exchange $way, 64 bits: " "exchange-$way.out" || fail "--exchange $way is not what was done"
    [ "$(outcome "runs/exchange-$way")" = "$(outcome runs/one-process-srun)" ] || fail "--exchange $way: other bits"
  done
  ok "5 ranks on 3 hosts, both ways of exchange: the bits of one process"
}

refuse_lone_tasks() {
  local answer result=0
  answer=$(srun --mpi=none --nodes=2 --ntasks=2 build/bin/nnrec_dist --run runs/lone 2>&1) || result=$?
  [ "$result" -eq 2 ] || fail "lone tasks: exit $result, $answer"
  [ "$(grep -c "processes that do not see each other" <<<"$answer")" -eq 2 ] || fail "lone tasks: $answer"
  [ ! -e runs/lone ] || fail "lone tasks wrote a run folder"
  ok "tasks that do not see each other are refused"
}

# ---- disturbed jobs -------------------------------------------------------------------------------

# Three members: the first is left alone, the second will be killed, the third be told to save and requeue.
submit_sweep() { # OPTION_OF_SBATCH...
  SWEEP=disturbed VARIANTS=basic SEEDS="1 2 3" submit "$@" --nodes=2 --array=1-3 slurm/sweep.sbatch \
    "${training[@]:2}"
  sweep=$job
}

# The signal comes while ranks are being started: it finds them later, or what it kills counts as stopped. By any
# launcher such a job goes back to the queue, and on from there.
stop_at_the_start() {
  slow_network 4mbit # or they might end before they can be told
  local launcher told=() training=(--variant basic --epochs 10 --batch 200 --exchange owner) reference
  OMP_NUM_THREADS=1 build/bin/nnrec_dist --run runs/told "${training[@]}" >/dev/null
  reference=$(outcome runs/told)
  for launcher in srun mpirun; do
    LAUNCHER=$launcher submit slurm/train.sbatch --run "runs/told-$launcher" "${training[@]}"
    told+=("$job")
    wait_for "$launcher is started" grep -qs "started by $launcher" "slurm-nnrec-train-$job.out"
    scancel --signal=USR1 --batch "$job"
  done
  for job in "${told[@]}"; do wait_for "job $job was requeued" was_requeued "$job"; done
  fast_network
  for job in "${told[@]}"; do
    wait_for "the requeued job has ended" is_gone "$job"
    expect_field "$job" JobState COMPLETED
  done
  for launcher in srun mpirun; do expect_reference "told-$launcher"; done
  ok "told to stop while the ranks were being started: requeued, same bits"
}

# All of them run at once. node2 is there for the job that will lose it.
start_disturbed_jobs() {
  slow_network 4mbit
  submit slurm/train.sbatch --run runs/power "${training[@]}"
  power=$job
  wait_for "runs/power has begun" has_steps power
  slow_node 2 500kbit # or it would end before the others have begun, where a busy machine starts them slowly
  [[ $(field "$power" NodeList) == "node[1-2]" ]] || fail "runs/power runs on $(field "$power" NodeList)"
  submit --exclude=node2 slurm/train.sbatch --run runs/limit "${training[@]}"
  limit=$job
  LAUNCHER=mpirun submit --exclude=node2 slurm/train.sbatch --run runs/limit_mpirun "${training[@]}"
  limit_mpirun=$job
  LAUNCHER=mpirun submit --exclude=node2 slurm/train.sbatch --run runs/requeue "${training[@]}"
  requeue=$job
  submit --exclude=node2 slurm/train.sbatch --run runs/cancel "${training[@]}"
  cancel=$job
  submit_sweep --exclude=node2
  local run
  for run in limit limit_mpirun requeue cancel disturbed/basic-seed-{1,2,3}; do
    wait_for "runs/$run has begun" has_steps "$run"
  done
  for run in power limit limit_mpirun requeue cancel disturbed/basic-seed-{1,2,3}; do
    [ ! -e "runs/$run/result.json" ] || fail "runs/$run has ended before it was disturbed"
  done
  ok "eight jobs of two ranks are training"
}

# Slurm sends the script's signal when 120 s or less are left, and looks at that every half minute.
let_time_run_out() { # JOB
  local hours minutes
  IFS=: read -r hours minutes _ <<<"$(field "$1" RunTime)"
  scontrol update "JobId=$1" "TimeLimit=$((10#$hours * 60 + 10#$minutes + 2))"
}
was_requeued() { [ "$(field "$1" Restarts)" -ge 1 ]; }

disturb_jobs() {
  fail_node 2
  let_time_run_out "$limit"
  let_time_run_out "$limit_mpirun"
  scontrol requeue "$requeue"
  scancel "$cancel"
  scancel --signal=KILL "${sweep}_2"
  scancel --signal=USR1 --batch "${sweep}_3"
  local name
  for name in limit limit_mpirun requeue power; do
    wait_for "the job of runs/$name was requeued" was_requeued "${!name}"
  done
  wait_for "the third member was requeued" was_requeued "${sweep}_3"
  wait_for "the killed member has ended" is_gone "${sweep}_2"
  wait_for "the cancelled job has ended" is_gone "$cancel"
  ok "time limit, scontrol requeue, power failure, scancel, kill: all happened in mid-run"
  # Their next attempts have time again, and need little.
  scontrol update "JobId=$limit" TimeLimit=20
  scontrol update "JobId=$limit_mpirun" TimeLimit=20
  fast_network
}

check_disturbed_jobs() {
  local run
  wait_for "all requeued jobs have ended" is_gone "$limit,$limit_mpirun,$requeue,$power,$sweep"
  for run in limit limit_mpirun requeue power; do
    expect_field "${!run}" JobState COMPLETED
    expect_reference "$run"
    expect_resumed "$run"
  done
  for job in "$limit" "$limit_mpirun"; do
    grep -q "^saved; this job goes back to the queue" "slurm-nnrec-train-$job.out" || fail "$job did not save"
  done
  ok "time limit, requeue, power failure, array member: resumed by themselves, same bits"

  is_field "$cancel" JobState CANCELLED || fail "scancel: the job is $(field "$cancel" JobState)"
  # The last member of an array has the array's own number; the others must not be requeued with it.
  expect_field "${sweep}_1" Restarts 0
  expect_resumed disturbed/basic-seed-3
  grep -qE '^basic-seed-1 +finished' runs/disturbed/summary.txt || fail "the undisturbed member is not finished"
  grep -qE '^basic-seed-2 +unfinished' runs/disturbed/summary.txt || fail "the killed member is not unfinished"
}

run_again() {
  submit slurm/train.sbatch --run runs/cancel "${training[@]}"
  cancel=$job
  submit_sweep
  wait_for "the jobs that were submitted again have ended" is_gone "$cancel,$sweep"
  expect_reference cancel
  expect_resumed cancel
  ok "scancel left a valid checkpoint: submitted again, same bits"
  expect_reference disturbed/basic-seed-1
  grep -q "60 epochs are done already" "slurm-nnrec-sweep-${sweep}_1.out" || fail "a finished member trained"
  expect_resumed disturbed/basic-seed-2
  [ "$(grep -c ' finished ' runs/disturbed/summary.txt)" -eq 3 ] || fail "the table is not complete"
  ok "sweep submitted again: the finished member was skipped, the killed one completed"
}

make_project
ok "the cluster is up"
type_readme_commands
check_readme_results
check_exchanges
refuse_lone_tasks
OMP_NUM_THREADS=1 build/bin/nnrec_dist --run runs/reference "${training[@]}" >/dev/null
reference=$(outcome runs/reference)
stop_at_the_start
start_disturbed_jobs
disturb_jobs
check_disturbed_jobs
run_again
