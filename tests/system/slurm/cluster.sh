# shellcheck shell=bash
# What can be done to the cluster of with_cluster.sh, from within. Source it.

# wait_until SECONDS TEXT COMMAND...: until COMMAND succeeds; says what it waited for in vain.
wait_until() {
  local end=$((SECONDS + $1)) text=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || {
      echo "waited in vain until $text" >&2
      return 1
    }
    sleep 0.1
  done
}

nodes_are_idle() { [ "$(sinfo --noheader --states=idle --format=%D 2>/dev/null)" = "$1" ]; }

# The first process of host K, as seen from here.
node_process() { cat "$CLUSTER/pids/node$1"; }

start_node() { # K
  local node=$1 process=""
  mkdir -p "$CLUSTER/spool/node$node" "$CLUSTER/tmp/node$node"
  setsid unshare --mount --pid --net --uts --ipc --fork --kill-child --mount-proc \
    "${BASH_SOURCE[0]%/*}/node.sh" "$node" >"$CLUSTER/log/node$node.start" 2>&1 </dev/null &
  local parent=$!
  for ((try = 0; try < 1200; ++try)); do
    read -r process _ <"/proc/$parent/task/$parent/children" || true
    [ -z "$process" ] || break
    sleep 0.05
  done
  echo "$process" >"$CLUSTER/pids/node$node"
  ip link add "port$node" type veth peer name net0 netns "$process"
  ip link set "port$node" master bridge up
}

# The power goes: every process of host K is gone at once, and its network card. Slurm is told, as a site's
# watchdog does: by itself it would take SlurmdTimeout, and no short one tells a busy host from a dead one.
fail_node() { # K
  kill -KILL "$(node_process "$1")"
  rm -rf "$CLUSTER/tmp/node$1" "$CLUSTER/spool/node$1"
  scontrol update "NodeName=node$1" State=DOWN Reason="no power"
}

on_node() { # K COMMAND...: on host K, beside Slurm
  local process
  process=$(node_process "$1")
  shift
  nsenter --target "$process" --mount --pid --net --uts --ipc -- "$@"
}

# The controller's ends of the cables to the hosts.
ports() { ip -brief link show master bridge | sed 's/[@ ].*//'; }

# Traffic to every host at RATE at most (4mbit): how long a job over several hosts lasts then depends on the
# bytes it exchanges, whatever the processors can do.
slow_network() { # RATE
  local port
  for port in $(ports); do slow_port "$port" "$1"; done
}
slow_node() { slow_port "port$1" "$2"; } # K RATE
slow_port() { tc qdisc replace dev "$1" root tbf rate "$2" burst 64kb latency 2s; }

fast_network() {
  local port
  for port in $(ports); do tc qdisc del dev "$port" root; done
}
