#!/usr/bin/env bash
# debian13.sh FOLDER [COMMAND]: runs COMMAND (a shell line; tests/run.sh) on a copy of what is committed here in
# Debian 13: gcc 14, Open MPI 5, HDF5 1.14, Slurm 24. Needs root and a Debian; the system is made once in FOLDER/root
# by debootstrap from this machine's own mirror, build and compiler cache stay there: a second run is incremental.
# With NNREC_DATA its ml-100k is copied in, so that the tests on MovieLens 100K run, too. /proc, /dev and /sys are
# the machine's; mounts are the command's own and end with it.
set -euo pipefail
case $# in 1 | 2) ;; *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
mkdir -p "$1"
root=$(realpath "$1")/root
command=${2:-tests/run.sh}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
stop() { echo "debian13.sh: $*" >&2 && exit 3; }
[ "$(id -u)" -eq 0 ] || stop "only root can make and enter another system"

# /etc/debian_version comes with the first packages, so a mark of its own says that all are there.
if [ ! -e "$root/.is_made" ]; then
  command -v debootstrap >/dev/null || apt-get install -q -y debootstrap >/dev/null
  mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
    sed -nE 's/^(URIs:|deb) *(http[^ ]*).*/\2/p' | sort -u | sed -n '1p' || true)
  rm -rf "$root"
  debootstrap --variant=minbase trixie "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 ||
    stop "debootstrap failed: $(tail -n 3 "$root.log")"
  cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true # how this machine reaches its mirror
  touch "$root/.is_made"
fi
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
echo "127.0.0.1 localhost" >"$root/etc/hosts"

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

export HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export container=chroot CMAKE_CXX_COMPILER_LAUNCHER=ccache DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2016  # the inner shell expands
exec unshare --mount --propagation private bash -euc '
  mount --bind "$0" "$0"
  for folder in proc dev sys; do mount --rbind "/$folder" "$0/$folder"; done
  cd "$0"
  mkdir -p .old
  pivot_root . .old
  umount --lazy /.old
  cd /root/nnrec
  apt-get update -q >/dev/null
  jobs/install_packages.sh ccache procps >/dev/null
  exec bash -c "$1"' "$root" "$command"
