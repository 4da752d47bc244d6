#!/usr/bin/env bash
# mpirun whose ranks can save: TERM, INT (Ctrl-C), HUP and what else would end this script, as QUIT, XCPU, PIPE
# and USR2, reach them as USR1, which mpirun passes on at once.
#   jobs/mpirun.sh -np 2 build/bin/nnrec_dist --run runs/first
# mpirun itself kills its ranks on TERM and INT: version 4 a second after a warning, version 5 at once and
# without a setting that would make it wait. Arguments, standard input and exit code are mpirun's: 75 is stopped,
# all saved; a loop that reads a list gives it </dev/null, as it would mpirun.
set -uo pipefail
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
# shellcheck source=jobs/launch.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/launch.sh"
launch mpirun "$@"
