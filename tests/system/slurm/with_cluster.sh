#!/usr/bin/env bash
# with_cluster.sh NODES CPUS COMMAND...: runs COMMAND on a Slurm cluster of its own, made on this machine:
# a controller (host `ctl`) and hosts node1..nodeN with CPUS processors each. Ends with COMMAND's exit code.
#
# Each host has its own network address, host name, processes and /dev/shm; they share the files. The whole
# world lives in namespaces whose first process is this script: when it ends, however it ends, the kernel
# takes away every process, interface and mount in it. Nothing has a name outside, so several such worlds
# can exist at once. /run is a file system in memory there; $CLUSTER (/run/nnrec) holds logs and work.
# cluster.sh has what COMMAND can do to the cluster. Needs root (or sudo without a password).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() {
  echo "with_cluster.sh: $*" >&2
  exit 1
}

enter_own_world() {
  local tool
  for tool in slurmctld slurmd sbatch munged ip tc unshare setpriv; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
      fail "$tool is missing: jobs/install_packages.sh slurmctld slurmd munge iproute2"
  done
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "needs root to make network namespaces: run it as root, or with sudo" \
      "that asks for no password"
    # What launches and tests set is passed on by name; sudo keeps little by itself.
    local kept=()
    mapfile -t kept < <(env | grep -E '^(OMPI_|OMP_|NNREC_|PATH=)')
    as_root=(sudo -n env "${kept[@]}")
  fi
  local unshared=(unshare --mount --pid --net --uts --ipc --fork --kill-child --mount-proc)
  "${as_root[@]}" "${unshared[@]}" true || fail "cannot make namespaces (a container needs --privileged)"
  # A time limit of its own: nobody outside can end a world that sudo started. When `timeout` itself is
  # killed, the world goes with it.
  exec "${as_root[@]}" timeout --foreground --signal=KILL "${CLUSTER_SECONDS:-600}" \
    setpriv --pdeathsig KILL "${unshared[@]}" env NNREC_IN_OWN_WORLD=1 "$here/with_cluster.sh" "$@"
}

make_folders() {
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p "$CLUSTER"/{state,log,spool,munge,pids,tmp/shared}
  # What jobs leave in temporary folders ends with the world.
  export TMPDIR=$CLUSTER/tmp/shared
}

make_network() {
  hostname ctl
  { echo "127.0.0.1 localhost" && echo "10.77.0.254 ctl"; } >"$CLUSTER/hosts"
  for ((node = 1; node <= nodes; ++node)); do echo "10.77.0.$node node$node" >>"$CLUSTER/hosts"; done
  mount --bind "$CLUSTER/hosts" /etc/hosts
  ip link set lo up
  ip link add bridge type bridge
  ip addr add 10.77.0.254/24 dev bridge
  ip link set bridge up
}

write_slurm_conf() {
  cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=ctl(10.77.0.254)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A job may start again when the credential of its last attempt has expired.
AuthInfo=socket=$CLUSTER/munge/socket,cred_expire=5
StateSaveLocation=$CLUSTER/state
SlurmdSpoolDir=$CLUSTER/spool/%n
# PMIx keeps a folder a job step here: hosts must not share it.
TmpFS=$CLUSTER/tmp/%n
SlurmctldPidFile=$CLUSTER/pids/slurmctld
SlurmdPidFile=$CLUSTER/pids/slurmd.%n
SlurmctldLogFile=$CLUSTER/log/slurmctld
SlurmdLogFile=$CLUSTER/log/%n
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# Decide at once what runs next.
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
# The hosts may claim more processors than there are.
SlurmdParameters=config_overrides
ReturnToService=2
# A host that has not answered for so many seconds is down. (fail_node says so by itself.)
SlurmdTimeout=300
# Between TERM and KILL, in seconds.
KillWait=5
NodeName=node[1-$nodes] CPUs=$cpus State=UNKNOWN
PartitionName=main Nodes=node[1-$nodes] Default=YES MaxTime=20 State=UP
CONF
}

start_services() {
  # slurmd loads a plugin for control groups though it uses none here; this one asks nothing of the machine.
  echo "CgroupPlugin=cgroup/v1" >"$CLUSTER/cgroup.conf"
  dd if=/dev/urandom of="$CLUSTER/munge/key" bs=128 count=1 status=none
  chmod 400 "$CLUSTER/munge/key"
  munged --key-file="$CLUSTER/munge/key" --socket="$CLUSTER/munge/socket" --pid-file="$CLUSTER/pids/munged" \
    --log-file="$CLUSTER/log/munged" --seed-file="$CLUSTER/munge/seed"
  slurmctld
}

[ $# -ge 3 ] || fail "usage: with_cluster.sh NODES CPUS COMMAND..."
[ "${NNREC_IN_OWN_WORLD:-}" = 1 ] || enter_own_world "$@"
nodes=$1 cpus=$2
shift 2
# Started within a job of another cluster, its settings do not count here.
unset "${!SLURM_@}" "${!SBATCH_@}"
export CLUSTER=/run/nnrec PATH=$PATH:/usr/sbin:/sbin
export SLURM_CONF=$CLUSTER/slurm.conf
# Jobs run as root here, in a world of their own.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# The hosts share the processors: a rank that waits gives its own away.
export OMPI_MCA_mpi_yield_when_idle=1
# shellcheck source=tests/system/slurm/cluster.sh
. "$here/cluster.sh"
make_folders
make_network
write_slurm_conf
start_services
for ((node = 1; node <= nodes; ++node)); do start_node "$node"; done
wait_until 100 "all $nodes nodes are idle" nodes_are_idle "$nodes" || {
  tail -n 5 "$CLUSTER"/log/* >&2
  fail "the cluster did not come up"
}
# A first process has no default for signals; while it waits for a command, a trap lets TERM end it.
trap 'exit 143' TERM INT
"$@" &
result=0
wait $! || result=$?
# The first process of a process namespace: the kernel now kills all others.
exit "$result"
