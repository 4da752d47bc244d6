#!/usr/bin/env bash
# leaves_nothing_test.sh: a cluster of with_cluster.sh whose command ends well, fails, or that is killed in the
# middle of a job takes everything with it, and the next one starts at once.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Other users' processes are looked at below.
[ "$(id -u)" -eq 0 ] || exec sudo -n "$here/leaves_nothing_test.sh"
export NNREC_CLUSTER_MARK=mark-$$-$RANDOM
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# What a cluster could leave outside, by the names that it uses: interfaces, mounts, sockets, temporary files.
surroundings() {
  ip -brief link show | grep -E '^(bridge|port[0-9]|net0)' || true
  grep -E 'nnrec|munge' /proc/self/mounts || true
  find /run /tmp -maxdepth 1 \( -name 'munge*' -o -name nnrec -o -name 'spmix*' \) 2>/dev/null || true
}

# Processes of this test's clusters, wherever their namespaces are; not this shell and its children.
marked_processes() {
  local process environment
  for process in /proc/[0-9]*; do
    { environment=$(tr '\0' '\n' <"$process/environ"); } 2>/dev/null || continue
    case $environment in *"NNREC_IN_OWN_WORLD=1"*) ;; *) continue ;; esac
    case $environment in *"$NNREC_CLUSTER_MARK"*) echo "${process##*/} $(tr '\0' ' ' <"$process/cmdline")" ;; esac
  done 2>/dev/null
}

expect_nothing_left() { # CASE
  local try left
  for ((try = 0; try < 600; ++try)); do
    left=$(marked_processes)
    [ -n "$left" ] || break
    sleep 0.1
  done
  [ -z "$left" ] || fail "$1: processes are left: $left"
  [ "$(surroundings)" = "$before" ] || fail "$1: left: $(diff <(echo "$before") <(surroundings))"
  echo "$1: nothing left"
}

before=$(surroundings)

"$here/with_cluster.sh" 2 1 srun --nodes=2 hostname >"$scratch/hosts"
[ "$(sort "$scratch/hosts" | xargs)" = "node1 node2" ] || fail "srun ran on: $(cat "$scratch/hosts")"
expect_nothing_left "ended"

result=0
"$here/with_cluster.sh" 2 1 bash -c 'sbatch --nodes=2 --wrap "srun sleep 60" && exit 7' >/dev/null || result=$?
[ "$result" -eq 7 ] || fail "the command's exit code 7 came out as $result"
expect_nothing_left "failed"

"$here/with_cluster.sh" 2 1 bash -c "srun --nodes=2 bash -c 'touch $scratch/began-\$SLURM_PROCID; sleep 60'" &
cluster=$!
for ((try = 0; try < 600; ++try)); do
  if [ -e "$scratch/began-0" ] && [ -e "$scratch/began-1" ]; then break; fi
  sleep 0.1
done
[ -n "$(marked_processes)" ] || fail "no cluster is seen while one runs"
disown "$cluster" # no message of its death
kill -KILL "$cluster"
expect_nothing_left "killed"
