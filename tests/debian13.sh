#!/usr/bin/env bash
# debian13.sh FOLDER [COMMAND]: runs COMMAND (a shell line; tests/run.sh) on a copy of what is committed here in
# Debian 13: gcc 14, Open MPI 5, HDF5 1.14, Slurm 24. Needs root and a Debian; the system is made once in FOLDER/root
# by debootstrap from this machine's own mirror, build and compiler cache stay there: a second run is incremental.
# With NNREC_DATA its ml-100k is copied in, so that the tests on MovieLens 100K run, too.
set -euo pipefail
case $# in 1 | 2) ;; *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
mkdir -p "$1"
root=$(realpath "$1")/root
command=${2:-tests/run.sh}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/support/debian_root.sh
. "$here/tests/support/debian_root.sh"
make_root trixie "$root"

if [ -d "$root/root/nnrec" ]; then
  git -C "$root/root/nnrec" fetch -q "$here" HEAD && git -C "$root/root/nnrec" reset -q --hard FETCH_HEAD
else
  git clone -q "$here" "$root/root/nnrec"
fi
if [ -n "${NNREC_DATA:-}" ]; then
  mkdir -p "$root/root/data"
  cp -r "$NNREC_DATA/ml-100k" "$root/root/data/"
  command="export NNREC_DATA=/root/data; $command"
fi
export CMAKE_CXX_COMPILER_LAUNCHER=ccache
enter_root "$root" "cd nnrec; jobs/install_packages.sh ccache procps >/dev/null; $command"
