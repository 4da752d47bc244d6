#!/usr/bin/env bash
# node.sh K: the first process of host nodeK (see with_cluster.sh): waits for its network card, becomes slurmd.
set -euo pipefail
node=$1
hostname "node$node"
mount -t tmpfs -o mode=1777 tmpfs /dev/shm # shared memory ends at the host's border
ip link set lo up
for ((try = 0; try < 1200; ++try)); do
  ! ip link show net0 >/dev/null 2>&1 || break
  sleep 0.05
done
ip addr add "10.77.0.$node/24" dev net0
ip link set net0 up
exec slurmd -D -N "node$node"
