#!/usr/bin/env bash
# exchange_benchmark.sh FOLDER [VARIANT [BATCH]]: bytes that each host sends a step, by the counters of its network
# card, everything included (start, evaluation, checkpoint), for both ways of exchange in 64 and 32 bits on 2 and 4
# hosts. Hosts are namespaces on this machine; needs root and what tests/system/slurm/with_cluster.sh needs. The set,
# 2.5 million ratings of 138,000 users and 27,000 items, is made in FOLDER once.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { echo "usage: exchange_benchmark.sh FOLDER [VARIANT [BATCH]]" >&2; exit 2; }
folder=$1 variant=${2:-one_layer} batch=${3:-65536}

# shellcheck source=tests/bench/hosts.sh
. tests/bench/hosts.sh
on_four_hosts "$0" "$@"
sent() { # HOST
  on_node "$1" ip -statistics -json link show net0 | sed 's/.*"tx":{"bytes":\([0-9]*\).*/\1/' | tail -n 1
}

for hosts in 2 4; do
  for how in "reduce 64" "owner 64" "reduce 32" "owner 32"; do
    read -r way bits <<<"$how"
    before=()
    for ((host = 1; host <= hosts; ++host)); do before[host]=$(sent "$host"); done
    rm -rf "$CLUSTER/run"
    srun --mpi=pmix --nodes="$hosts" --ntasks="$hosts" build/bin/nnrec_dist --data "$folder/set" --epochs 1 \
      --variant "$variant" --batch "$batch" --threads 1 --exchange "$way" --exchange-bits "$bits" \
      --run "$CLUSTER/run" >"$CLUSTER/log/bench" ||
      { cat "$CLUSTER/log/bench" >&2; exit 1; }
    steps=$(awk -F, 'END { print $3 }' "$CLUSTER/run/history.csv")
    for ((host = 1; host <= hosts; ++host)); do
      awk -v sent=$(($(sent "$host") - before[host])) -v steps="$steps" -v host="$host" -v hosts="$hosts" \
        -v how="$how" 'BEGIN { printf "%-9s %d hosts, host %d: %6.2f MB a step\n",
          how, hosts, host, sent / steps / 1e6 }'
    done
    grep -m 1 -E "s training|epoch 1/1" "$CLUSTER/log/bench"
  done
done
