#!/usr/bin/env bash
# run_twice.sh FOLDER COMMAND...: removes FOLDER, then runs COMMAND twice; the second one's exit code.
set -uo pipefail
rm -rf "$1"
shift
"$@" || exit 99
exec "$@"
