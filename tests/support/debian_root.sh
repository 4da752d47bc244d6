# shellcheck shell=bash
# Another Debian on this machine, for scripts that source this. Needs root and a Debian.

stop() { echo "$(basename "$0"): $*" >&2 && exit 3; }

# make_root SUITE ROOT: the system in the folder ROOT, made once by debootstrap from this machine's own mirror.
make_root() {
  local suite=$1 root=$2 mirror
  [ "$(id -u)" -eq 0 ] || stop "only root can make and enter another system"
  # /etc/debian_version comes with the first packages, so a mark of its own says that all are there.
  if [ ! -e "$root/.is_made" ]; then
    command -v debootstrap >/dev/null || apt-get install -q -y debootstrap >/dev/null
    mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
      sed -nE 's/^(URIs:|deb) *(http[^ ]*).*/\2/p' | sort -u | sed -n '1p' || true)
    rm -rf "$root"
    debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 ||
      stop "debootstrap failed: $(tail -n 3 "$root.log")"
    cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true # how this machine reaches its mirror
    touch "$root/.is_made"
  fi
  cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
  echo "127.0.0.1 localhost" >"$root/etc/hosts"
}

# enter_root ROOT COMMAND: ends as COMMAND, a shell line, which runs there. /proc, /dev and /sys are the machine's; mounts
# are the command's own and end with it.
enter_root() {
  export HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export container=chroot DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2016  # the inner shell expands
  exec unshare --mount --propagation private bash -euc '
    mount --bind "$0" "$0"
    for folder in proc dev sys; do mount --rbind "/$folder" "$0/$folder"; done
    cd "$0"
    mkdir -p .old
    pivot_root . .old
    umount --lazy /.old
    cd /root
    apt-get update -q >/dev/null
    exec bash -euc "$1"' "$1" "$2"
}
