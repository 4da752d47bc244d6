# shellcheck shell=bash
# How ranks are started and a request to stop reaches them whenever it comes, for jobs/mpirun.sh, jobs/common.sh and
# slurm/common.sh. Source it.
#
# A launcher loses a signal that comes before its ranks are there, and dies of one that comes before it can pass it on,
# as a rank does before its first line. So USR1 is repeated until the launcher has ended: to nnrec_dist all are one
# request. And what died of it had not begun to train, or had ended: it counts as stopped, with all saved. So does an
# error of mpirun's own, as one over several hosts meets where it is told before their daemons are there ("Unreachable").

set +o posix # where the environment asks for it, a signal would end `read`

readonly saved_run_again=75 # nnrec_dist: stopped by a signal, everything is saved
readonly died_of_usr1=138

stop_is_asked=no # or yes, or at_once
asked_at=0       # of $SECONDS
launcher=""      # its process, while it is there

# Whatever ends a script while its ranks, in a session of their own, would train on. Requests, of which a second one is
# meant; and warnings, of which several are one, as XCPU, which the kernel repeats.
readonly requests="INT TERM HUP QUIT" warnings="USR1 USR2 XCPU PIPE"
# on_stop COMMAND: COMMAND TERM or COMMAND USR1 when one of them comes.
on_stop() {
  # shellcheck disable=SC2064,SC2086  # the command as it is now; lists of signals
  trap "$1 TERM" $requests && trap "$1 USR1" $warnings
}

# request_stop SIGNAL: what traps call. TERM more than a second after the first request ends at once, as nnrec_dist has
# it.
request_stop() {
  if [ "$stop_is_asked" = no ]; then
    stop_is_asked=yes asked_at=$SECONDS
  elif [ "$1" != USR1 ] && [ $((SECONDS - asked_at)) -gt 1 ]; then
    stop_is_asked=at_once
  fi
  tell_launcher
}

# Whether ranks would outlive USR1. Who starts them in a way that tells has its own.
ranks_are_there() { true; }
readonly longest_start=60 # seconds from a request on: then USR1 is sent all the same

tell_launcher() {
  local signal=USR1
  [ "$stop_is_asked" != at_once ] || signal=TERM
  [ -n "$launcher" ] || return 0
  [ "$signal" = TERM ] || ranks_are_there || [ $((SECONDS - asked_at)) -ge "$longest_start" ] || return 0
  kill "-$signal" "$launcher" 2>/dev/null || true # it may have ended: no failure
  pause=$((pause < 8 ? 2 * pause : 8))
}
pause=1 # seconds to the next USR1

# mpirun's own errors are 256 - n; what a signal ends has up to 128 + 64.
died_of_request() { [ "$1" -eq "$died_of_usr1" ] || [ "$1" -gt 192 ]; } # CODE

# follow_launcher: reads from stream 7 a launcher's process and, when it has ended, its exit code, each on a line; tells
# it of a request to stop, again and again; returns the code.
follow_launcher() {
  local code="" part
  pause=1
  read -ru 7 launcher || true
  [ "$stop_is_asked" = no ] || tell_launcher
  until read -t "$pause" -ru 7 part; do
    [ $? -gt 128 ] || break # not the time is over, but the stream: who would have said it is gone
    code+=$part             # the time may be over within a line
    [ "$stop_is_asked" != no ] || continue
    tell_launcher
  done
  code+=$part
  # Nothing was started, where who would have is gone before: the same.
  [ -n "$code" ] || [ -n "$launcher" ] || [ "$stop_is_asked" = no ] || code=$died_of_usr1
  launcher=""
  if [ "$stop_is_asked" != no ] && died_of_request "${code:-0}"; then
    echo "stopped outside of training: the same command goes on" >&2
    code=$saved_run_again
  elif [ -z "$code" ]; then
    echo "how the launcher ended is not known: the shell that waited for it was killed" >&2
    code=3
  fi
  return "$code"
}

# launch COMMAND...: runs mpirun, or a program that is a rank by itself, to its end; returns its exit code. TERM, INT
# (Ctrl-C), HUP and what else would end this shell reach it as USR1; standard input is its own, where that is no terminal.
launch() {
  local code=0 former signal
  command -v setsid >/dev/null || { echo "setsid (package util-linux) is not on PATH" >&2 && return 3; }
  # mpirun lends the ranks terminals of its own, or none; by this nnrec_dist knows that its output is seen on one.
  [ ! -t 1 ] || local -x NNREC_TERMINAL=1
  # shellcheck disable=SC2086  # lists of signals
  former=$(trap -p $requests $warnings)
  on_stop request_stop
  # mpirun, and a shell that waits for it, in a session that no terminal's Ctrl-C reaches: bash (5.2) can lose the
  # exit code of what ends just when a signal comes. mpirun (4) crashes where who reads its output has gone; tee does not.
  [ -e /dev/fd/0 ] || exec </dev/null # or what is opened next would be it
  [ -e /dev/fd/1 ] || exec >/dev/null
  [ -e /dev/fd/2 ] || exec 2>/dev/null
  # `<&0`: what runs beside a shell has no standard input otherwise. None from a terminal: mpirun does not read it there.
  # The file that BASH_ENV names is for scripts: that shell, which tells the launcher's process and exit code by its
  # output, does without, and the launcher has it again. A signal to all processes, as a batch system sends, is for the
  # launcher and the ranks: what waits for them, and hands their output on, outlives it.
  # shellcheck disable=SC2016  # the inner shell expands
  exec 8>&1 9>&2 7< <(exec env -u BASH_ENV setsid bash -c 'exec 3>&1
    signals="TERM HUP USR1 USR2 XCPU"
    trap "" $signals
    [ -z "$1" ] || export BASH_ENV=$1
    shift
    [ ! -t 0 ] || exec </dev/null
    { (trap - $signals && exec "$@") <&0 3>&- & echo $! >&3 && wait $!; echo $? >&3; } > >(exec tee -p /dev/null >&8) \
      2> >(exec tee -p /dev/null >&9) 8>&- 9>&-
    ' launch "${BASH_ENV-}" "$@")
  follow_launcher || code=$?
  while read -ru 7 _; do :; done # until all is said
  exec 7<&- 8>&- 9>&-
  # What was ignored from the start, as INT of what runs beside a script, bash would give its default by `trap -`.
  for signal in $requests $warnings; do
    [[ $former = *"trap -- '' SIG$signal"* ]] || trap - "$signal"
  done
  eval "$former"
  return "$code"
}
