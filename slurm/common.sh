# shellcheck shell=bash
# What the batch scripts share: how ranks start, how a job that is told to stop saves and goes on later,
# how the runs of an array are read; where the programs are ($bin) and the scripts ($scripts). Source it from the
# project's folder or, installed, from the folder of the runs.
#
# Variables that a submission may set in front of sbatch:
#   LAUNCHER      srun (the default) or mpirun
#   MAX_RESTARTS  attempts after which a job no longer requeues itself (50): a job whose time does not
#                 suffice for a single step would otherwise go round for ever

# From here on: a job whose time is short is told at once, and would end without going back to the queue.
scripts=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=jobs/launch.sh
. "$scripts/../jobs/launch.sh"
trap 'request_stop USR1' USR1
is_cancelled=no # by a TERM that came first: such a job saves, too, and whoever sent it decides what becomes of it

say() { printf '%s\n' "$*"; }
# stop CODE MESSAGE: 2 wrong usage, 3 the machine refuses.
stop() {
  local code=$1
  shift
  printf '%s: %s\n' "${SLURM_JOB_NAME:-slurm}" "$*" >&2
  exit "$code"
}

[ -n "${SLURM_JOB_ID:-}" ] || stop 2 "this is a batch script: submit it with sbatch from the project's folder"
# What sbatch --export=NONE, or a list, keeps from this script it would keep from the ranks, too, with all that is set here.
export SLURM_EXPORT_ENV=ALL
cpus=${SLURM_CPUS_PER_TASK:-1}
most_restarts=${MAX_RESTARTS:-50}
[[ $most_restarts =~ ^[0-9]{1,9}$ ]] || stop 2 "MAX_RESTARTS=$most_restarts: a number of 0 or more is expected"

bin=build/bin
if [ ! -x "$bin/nnrec_dist" ] && [ -x "$scripts/../../../bin/nnrec_dist" ]; then # installed as PREFIX/share/nnrec/slurm
  bin=$(cd "$scripts/../../../bin" && pwd)
elif [ ! -x "$bin/nnrec_dist" ] && command -v nnrec_dist >/dev/null; then
  bin=$(dirname "$(command -v nnrec_dist)")
fi
require_program() { # NAME
  [ -x "$bin/$1" ] || stop 3 "$bin/$1 is not in $PWD: build first (jobs/quickstart.sh does)," \
    "on a folder that all nodes share, and submit from the project's folder; or have an installed nnrec on PATH"
}

# value_of NAME ARGUMENT...: prints what the arguments, or the file that their --config names, set that option to.
value_of() {
  local name=$1 file=""
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      "--$name") printf '%s\n' "${2:-}" && return ;;
      "--$name="*) printf '%s\n' "${1#*=}" && return ;;
      --config) file=${2:-} ;;
      --config=*) file=${1#*=} ;;
    esac
    shift
  done
  # Opened by the shell: awk takes /dev/stdin for what it is itself given, and would leave nothing of it.
  [ -n "$file" ] && awk -v name="$name" '
    { sub(/#.*/, ""); equals = index($0, "="); key = substr($0, 1, equals - 1); value = substr($0, equals + 1)
      gsub(/^[ \t\r]+|[ \t\r]+$/, "", key); gsub(/^[ \t\r]+|[ \t\r]+$/, "", value)
      if (equals && key == name) { print value; found = 1; exit } }
    END { exit !found }' 2>/dev/null <"$file"
}
is_given() { value_of "$@" >/dev/null; } # NAME ARGUMENT...
# set_default NAME VALUE ARGUMENT...: appends the option to `defaults` where the arguments do not set it.
defaults=()
set_default() { is_given "$1" "${@:3}" || defaults+=("--$1" "$2"); }
# refuse_given NAME REASON ARGUMENT...
refuse_given() { ! is_given "$1" "${@:3}" || stop 2 "--$1 is this script's own: $2. Leave it out"; }

# Two ways to start the same ranks. Each sets the array `launch`.
choose_launcher() {
  # A rank's threads: as many as it has cores.
  export OMP_NUM_THREADS=$cpus
  case ${LAUNCHER:-srun} in
    srun)
      launch=(srun
        --mpi=pmix              # ranks find each other through PMIx; without it each would be alone
        --cpus-per-task="$cpus" # since 22.05 srun does not take it from the job by itself
        --cpu-bind=cores        # a rank keeps its cores, where the cluster binds (task/affinity, cgroup)
        --job-name=nnrec_dist   # the step's name in the accounts
        --wait=10)              # when a rank is lost, the others end after 10 s
      ;;
    mpirun)
      launch=(mpirun
        -np "$SLURM_NTASKS"                    # all tasks of the job, spread as Slurm placed them
        --map-by "slot:PE=$cpus"               # so many cores for a rank ...
        --bind-to core                         # ... and its threads stay on them
        # Seconds for saving between TERM and KILL. After a save it makes mpirun wait four times as long,
        # which must fit into what --signal leaves.
        --mca odls_base_sigkill_timeout 5)
      ;;
    *) stop 2 "LAUNCHER=$LAUNCHER: srun or mpirun is expected" ;;
  esac
  # USR1 to a rank that is not there yet would end it, and with it the step: by srun its PMIx may then leave a socket on
  # the host, at which the job's next attempt fails (22.05). So each rank ignores it at first, and says so by a file.
  rm -rf "$starting" && mkdir -p "$starting"
  # shellcheck disable=SC2016  # the rank's shell expands
  launch+=(sh -c
    'trap "" USR1; true 2>/dev/null >"$0/${OMPI_COMM_WORLD_RANK:-$SLURM_PROCID}"; exec "$@"' "$starting")
}
starting=runs/.starting-$SLURM_JOB_ID
ranks_are_there() {
  local there=("$starting"/*)
  [ "${#there[@]}" -ge "$SLURM_NTASKS" ] && [ -e "${there[0]}" ]
}

# begins_once ARGUMENT...: whether they ask for what a run can do only when it begins: --resume never, or from the
# newest of its own checkpoints, which that soon no longer is.
begins_once() {
  local resume run
  resume=$(value_of resume "$@") || return
  [ "$resume" != never ] || return 0
  run=$(value_of run "$@") && [ "$(realpath -m "$(dirname "$resume")")" = "$(realpath -m "$run/checkpoints")" ]
}
# go_on ARGUMENT...: sets `arguments` to them, with --resume auto.
go_on() {
  local word before="" is_replaced=no
  arguments=()
  for word; do
    if [ "$before" = --resume ]; then
      word=auto is_replaced=yes
    elif [[ $word == --resume=* ]]; then
      word=--resume=auto is_replaced=yes
    fi
    arguments+=("$word")
    before=$word
  done
  [ "$is_replaced" = yes ] || arguments+=(--resume auto)
}
# Names, on lines, the runs that were not there when this job came to them: its later attempts find what it has left,
# and nobody else's.
begun=runs/.begun-$SLURM_JOB_ID
# begin_or_go_on ARGUMENT...: of arguments that begin once.
begin_or_go_on() {
  local run
  run=$(value_of run "$@") || run=-
  if grep -qsxF -- "$run" "$begun"; then
    go_on "$@"
  elif [ "$(value_of resume "$@")" != never ] || { [ ! -e "$run/history.csv" ] && [ ! -e "$run/checkpoints" ]; }; then
    mkdir -p runs && printf '%s\n' "$run" >>"$begun"
  fi
}
# Words that the same line needs beside its own to go on.
missing_words=()
submit_again() {
  printf 'submit the same line%s to go on' "${missing_words[*]:+ with ${missing_words[*]}}"
}

# The last member of an array has the job id of the array: by that number all members would be meant.
job_name() {
  if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then echo "$SLURM_JOB_ID"; else echo "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
}

is_preempted() {
  scontrol show job "$(job_name)" 2>/dev/null | grep -qE '(^|[[:space:]])PreemptTime=[0-9]'
}

requeue_or_stop() {
  [ "$is_cancelled" = no ] || stop "$saved_run_again" "saved, as Slurm ends this job: if it does not put it back into the" \
    "queue, as after a requeue or a preemption, $(submit_again)"
  local restarts=${SLURM_RESTART_COUNT:-0}
  if [ "$restarts" -ge "$most_restarts" ]; then
    stop "$saved_run_again" "saved, but restarted $restarts times already (MAX_RESTARTS=$most_restarts):" \
      "give it more --time, then $(submit_again)"
  fi
  say "saved; this job goes back to the queue and resumes (restart $((restarts + 1)))"
  # A requeue ends all that runs in the job, scontrol among it.
  scontrol requeue "$(job_name)" || [ $? -gt 128 ] ||
    stop "$saved_run_again" "saved, but this cluster does not requeue: $(submit_again)"
  exit "$saved_run_again"
}

# await COMMAND...: runs it and prints its process, then its exit code, each on a line; what it prints itself goes
# to stream 8, its errors, where launcher_errors names a file, there. A shell of its own waits, whom signals for the
# script do not reach: bash (5.2) can lose the exit code of what ends just when a signal comes.
await() {
  local code
  trap : USR1 TERM # where Slurm does tell all processes of the script
  # Without `<&0` what runs beside the shell would have no standard input.
  if [ -n "${launcher_errors:-}" ]; then "$@" <&0 >&8 2>"$launcher_errors" & else "$@" <&0 >&8 & fi
  echo $!
  while
    wait $! && code=0 || code=$?
    kill -0 $! 2>/dev/null
  do :; done
  echo "$code"
}

# run_ranks PROGRAM ARGUMENT...: starts the ranks, hands signals on to them, returns their exit code.
# USR1 (the time limit is near): save and requeue. TERM (scancel, preemption): save; Slurm decides.
run_ranks() {
  local launch=() arguments=("${@:2}") missing_words=("${missing_words[@]}") result=0
  if begins_once "${arguments[@]}"; then
    missing_words+=(--resume auto)
    begin_or_go_on "${arguments[@]}"
  fi
  [ "$stop_is_asked" = no ] || requeue_or_stop
  choose_launcher
  say "job $SLURM_JOB_ID, restart ${SLURM_RESTART_COUNT:-0}, on $SLURM_JOB_NODELIST: $SLURM_NTASKS ranks x $cpus" \
    "threads, started by ${launch[0]}"
  # The ranks mostly have a TERM of their own from Slurm, but not of `scancel --batch`: so they get it as USR1, which is
  # one request with that. Passed on to srun as TERM it would kill them before they have saved.
  trap '[ "$stop_is_asked" != no ] || is_cancelled=yes; request_stop USR1' TERM
  [ -e /dev/fd/0 ] || exec </dev/null # or what is opened next would be it
  exec 8>&1 7< <(await "${launch[@]}" "$1" "${arguments[@]}")
  follow_launcher || result=$?
  exec 7<&- 8>&-
  rm -rf "$starting"
  # A preemption with a grace time tells the ranks alone, and puts back into the queue only what outlasts it. mpirun's
  # daemons on other hosts are told as well: it ends with an error of its own, behind what the ranks have saved.
  if [ "$result" -eq "$saved_run_again" ]; then
    [ "$stop_is_asked" = yes ] || is_preempted ||
      stop "$saved_run_again" "its ranks were told to stop, and have saved: $(submit_again)"
  else
    { died_of_request "$result" && is_preempted; } || return "$result"
  fi
  requeue_or_stop
}

# ---- runs of an array -----------------------------------------------------------------------------

# Members of one array that end together write one after the other: waits for its turn, which ends with
# the script. Without locks what they write is the same, and several may print it.
take_turn() { # FOLDER
  { exec 9>"$1/.turn" && flock 9; } || say "$1: its file system has no locks: the table may be printed more than once"
}

# A member that has trained well, or is to go on, is no worse for what another has left: its exit code is its training's.
go_without_table() { say "the table or its chart cannot be made, which what was trained does not suffer from"; }
