#!/usr/bin/env bash
# mpirun whose ranks can save: TERM, INT (Ctrl-C) and HUP reach them as USR1, which mpirun passes on at once.
#   jobs/mpirun.sh -np 2 build/bin/nnrec_dist --run runs/first
# mpirun itself kills its ranks on TERM and INT: version 4 a second after a warning, version 5 at once and
# without a setting that would make it wait. Arguments and exit code are mpirun's: 75 is stopped, all saved.
set -uo pipefail
set +o posix # where the environment asks for it, a signal would end `read`
[ $# -gt 0 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2 && exit 2; }

# mpirun lends the ranks terminals of its own, or none; by this nnrec_dist knows that its output is seen on one.
[ ! -t 1 ] || export NNREC_TERMINAL=1
launcher="" is_asked=no code=3
pass_on() {
  is_asked=yes
  [ -z "$launcher" ] || kill -USR1 "$launcher" 2>/dev/null || true
}
trap pass_on INT TERM HUP USR1
# mpirun, and a shell that waits for it, in a session that no terminal's Ctrl-C reaches: bash (5.2) can lose the
# exit code of what ends just when a signal comes. mpirun (4) crashes where who reads its output has gone; tee does not.
[ -e /dev/fd/1 ] || exec >/dev/null
[ -e /dev/fd/2 ] || exec 2>/dev/null
# shellcheck disable=SC2016  # the inner shell expands
exec 8>&1 9>&2 7< <(setsid bash -c 'exec 3>&1
  { mpirun "$@" 3>&- & echo $! >&3 && wait $!; echo $? >&3; } > >(exec tee -p /dev/null >&8) \
    2> >(exec tee -p /dev/null >&9) 8>&- 9>&-
  ' mpirun.sh "$@")
read -ru 7 launcher
[ "$is_asked" = no ] || pass_on
read -ru 7 code
while read -ru 7 _; do :; done # until all is said
exit "$code"
