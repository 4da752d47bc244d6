# shellcheck shell=bash
# Sourced by benchmarks of several hosts: on_four_hosts SCRIPT FOLDER [ARGUMENT...] runs SCRIPT anew on a cluster of four
# namespaces with two cores each, for FOLDER/set, 2.5 million ratings of 138,000 users and 27,000 items, made there once.
# There, it gives the functions of cluster.sh and comes back.
on_four_hosts() {
  if [ -z "${CLUSTER:-}" ]; then
    [ -e "$2/set/manifest.h5" ] || build/bin/nnrec_synth --users 138000 --items 27000 --ratings 2500000 \
      --format shards --output "$2/set" >&2
    CLUSTER_SECONDS=1800 exec tests/system/slurm/with_cluster.sh 4 2 "$@"
  fi
  # shellcheck source=tests/system/slurm/cluster.sh
  . tests/system/slurm/cluster.sh
}
