#!/usr/bin/env bash
# Trains every variant with several seeds and compares the spread with the published results:
# mean, standard deviation, smallest and largest, and whether the published figure lies between.
#   jobs/reproduce.sh [--seeds 5] [--ranks 2] [--epochs 20]
# Data as in jobs/quickstart.sh. Runs go to seed-<n> of a new folder runs/reproduce-<time>, table and
# chart beside them.
set -euo pipefail
# shellcheck source=jobs/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seeds=5
ranks=2
epochs=20
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' jobs/reproduce.sh && exit 0 ;;
    --seeds | --ranks | --epochs)
      [[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || stop 2 "$1 = '${2:-}': a number from 1 is expected"
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    *) stop 2 "unknown argument '$1'. See jobs/reproduce.sh --help" ;;
  esac
done

check_root
install_and_build
prepare_data
folder=runs/reproduce-$(date +%Y%m%d-%H%M%S)
runs=()
for ((seed = 1; seed <= seeds; ++seed)); do
  run=$folder/seed-$seed
  say "seed $seed of $seeds"
  run_ranks "$ranks" build/bin/nnrec_dist --data "$shards" --variant basic,one_layer,enriched,complex --seed "$seed" \
    --epochs "$epochs" --run "$run"
  runs+=("$run")
done
build/bin/nnrec_report "${runs[@]}" --output "$folder" --data "$data_name"
