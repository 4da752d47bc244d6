#!/usr/bin/env bash
# forecast_benchmark.sh FOLDER [HOSTS [VARIANTS [BATCH]]]: what --plan says of a step, and what the run behind it
# takes, on HOSTS ("1 2") without a limit on the network and with 1 Gbit/s. Hosts are namespaces of this machine, so
# that more of them than cores are slower than --plan says, which gives each thread a core. Needs root and what
# tests/system/slurm/with_cluster.sh needs. The set, 2.5 million ratings of 138,000 users and 27,000 items, is made in
# FOLDER once.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { echo "usage: forecast_benchmark.sh FOLDER [HOSTS [VARIANTS [BATCH]]]" >&2; exit 2; }
folder=$1
read -ra hosts <<<"${2:-1 2}"
read -ra variants <<<"${3:-basic one_layer complex}"
batch=${4:-65536}

# shellcheck source=tests/bench/hosts.sh
. tests/bench/hosts.sh
on_four_hosts "$0" "$@"
limit_network() { # RATE, or nothing for none
  for host in 1 2 3 4; do
    on_node "$host" tc qdisc del dev net0 root 2>/dev/null || true
    [ -z "$1" ] || on_node "$host" tc qdisc add dev net0 root tbf rate "$1" burst 256kb latency 100ms
  done
}
on_hosts() { # HOSTS OPTION...
  srun --mpi=pmix --nodes="$1" --ntasks="$1" build/bin/nnrec_dist --data "$folder/set" --batch "$batch" \
    --threads 1 "${@:2}" >"$CLUSTER/log/bench" 2>&1 || { cat "$CLUSTER/log/bench" >&2; return 1; }
}

for variant in "${variants[@]}"; do
  for n in "${hosts[@]}"; do
    for rate in "" 1gbit; do
      [ "$n" -gt 1 ] || [ -z "$rate" ] || continue
      limit_network "$rate"
      on_hosts "$n" --variant "$variant" --plan "$n"
      planned=$(awk -v n="$n" '$1 == n && $4 == "ms" { print $3, $(NF - 1) }' "$CLUSTER/log/bench")
      rm -rf "$CLUSTER/run"
      on_hosts "$n" --variant "$variant" --epochs 3 --checkpoint-every 9epochs --run "$CLUSTER/run"
      awk -F, -v planned="$planned" -v of="$variant, $n hosts, ${rate:-no limit}" '
        NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "seconds") column = i; next }
        NR > 2 { seconds += $column; steps = $3 - first } NR == 2 { first = $3 }
        END {
          split(planned, plan, " ")
          took = 1000 * seconds / steps
          printf "%-34s planned %7.2f ms a step (%s), took %7.2f: %.2f\n", of, plan[1], plan[2], took, took / plan[1]
        }' "$CLUSTER/run/history.csv"
    done
  done
done
