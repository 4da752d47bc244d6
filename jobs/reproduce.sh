#!/usr/bin/env bash
# Trains every variant with several seeds and compares the spread with the published results:
# mean, standard deviation, smallest and largest, and whether the published figure lies between.
#   jobs/reproduce.sh [--seeds 5] [--ranks 2] [--epochs 20] [--preset published|tuned|sampled]
# Of the presets tuned and sampled those that they have values for, with their own epochs where none are given.
# Data as in jobs/quickstart.sh. Runs go to seed-<n> of a new folder runs/reproduce-<time>, table and
# chart beside them.
set -euo pipefail
# shellcheck source=jobs/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seeds=5
ranks=2
epochs=
preset=published
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' jobs/reproduce.sh && exit 0 ;;
    --seeds | --ranks | --epochs)
      [[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || stop 2 "$1 = '${2:-}': a number from 1 is expected"
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    --preset)
      [[ ${2:-} =~ ^(published|tuned|sampled)$ ]] || stop 2 "$1 = '${2:-}': published, tuned or sampled is expected"
      preset=$2
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
variants=("basic,one_layer,enriched,complex")
if [ "$preset" != published ]; then variants=(basic one_layer enriched complex deep_fm); fi
for ((seed = 1; seed <= seeds; ++seed)); do
  say "seed $seed of $seeds"
  for variant in "${variants[@]}"; do
    run=$folder/seed-$seed
    if [ "$preset" != published ]; then run+=-$variant; fi
    run_ranks "$ranks" build/bin/nnrec_dist --data "$shards" --preset "$preset" --variant "$variant" --seed "$seed" \
      ${epochs:+--epochs "$epochs"} --run "$run"
    runs+=("$run")
  done
done
build/bin/nnrec_report "${runs[@]}" --output "$folder" --data "$data_name"
