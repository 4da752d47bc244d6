#!/usr/bin/env bash
# Trains every variant with several seeds and compares the spread with the published results:
# mean, standard deviation, smallest and largest, and whether the published figure lies between.
#   jobs/reproduce.sh [--seeds 5] [--ranks 2] [--epochs 20] [--folder runs/NAME]
#   jobs/reproduce.sh --preset tuned|sampled [--variants basic,deep_fm] [--seeds 3] [--ranks 2] [--folder runs/NAME]
# The second trains the variants of that preset (all five) on three random splits and on the official u1, and prints their
# test RMSE, clipped to the scale, beside the goals, what others reach and the published figures. The random splits are
# those of $NNREC_DATA/ml-100k-random (r0.base, r0.test, ...) where they are, else nnrec_prep's of seeds 1 to 3.
# Data as in jobs/quickstart.sh. Runs go to a new folder runs/reproduce-<time>, or to --folder, where the same command
# goes on after a stop; table and chart lie beside them, prepared sets in .sets.
set -euo pipefail
script=${BASH_SOURCE[0]}
[ ! -L "$script" ] || script=$(realpath "$script")
# shellcheck source=jobs/common.sh
. "$(dirname "$script")/common.sh"

seeds=5
ranks=2
epochs=
preset=published
folder=
variants=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$root/jobs/reproduce.sh" && exit 0 ;;
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
    --folder | --variants)
      [ -n "${2:-}" ] || stop 2 "$1 names none"
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    *) stop 2 "unknown argument '$1'. See jobs/reproduce.sh --help" ;;
  esac
done

# train SEED RUN OPTION...
train() {
  run_ranks "$ranks" "$bin/nnrec_dist" --preset "$preset" --seed "$1" ${epochs:+--epochs "$epochs"} --run "$2" "${@:3}"
}

reproduce_published() {
  local seed runs=()
  shards=$folder/.sets/published # others of these scripts may prepare other data meanwhile
  prepare_data
  for ((seed = 1; seed <= seeds; ++seed)); do
    say "seed $seed of $seeds"
    train "$seed" "$folder/seed-$seed" --data "$shards" --variant basic,one_layer,enriched,complex
    runs+=("$folder/seed-$seed")
  done
  "$bin/nnrec_report" "${runs[@]}" --output "$folder" --data "$data_name"
}

# prepare_files NAME TRAIN TEST: the split of two files, with the catalogue of the data.
prepare_files() {
  local input=$sets/$1-input
  mkdir -p "$input"
  ln -sf "$(realpath "$data_folder")"/u.{item,user,genre} "$(realpath "$2")" "$(realpath "$3")" "$input"
  run_ranks 1 "$bin/nnrec_prep" --input "$input" --split files --train "$(basename "$2")" --test "$(basename "$3")" \
    --output "$sets/$1" >/dev/null
}

# Sets `splits`: names of prepared sets, KIND/NAME, where KIND is the column of the table.
prepare_splits() {
  local number fixed
  choose_data
  sets=$folder/.sets/splits
  begin_set "$sets"
  fixed=$(dirname "$data_folder")/ml-100k-random
  splits=()
  [ -f "$fixed/r0.base" ] || say "data: the random splits are nnrec_prep's own; the goals' splits are others"
  for number in 0 1 2; do
    if [ -f "$fixed/r0.base" ]; then
      prepare_files "random/r$number" "$fixed/r$number.base" "$fixed/r$number.test"
    else
      run_ranks 1 "$bin/nnrec_prep" --input "$data_folder" --seed $((number + 1)) \
        --output "$sets/random/r$number" >/dev/null
    fi
    splits+=("random/r$number")
  done
  if [ -f "$data_folder/u1.base" ]; then
    prepare_files u1/u1 "$data_folder/u1.base" "$data_folder/u1.test"
    splits+=(u1/u1)
  fi
}

reproduce_preset() {
  local split variant seed run runs=()
  prepare_splits
  for split in "${splits[@]}"; do
    for variant in ${variants//,/ }; do
      for ((seed = 1; seed <= seeds; ++seed)); do
        run=$folder/$split-$variant-seed-$seed
        say "$split, $variant, seed $seed of $seeds"
        train "$seed" "$run" --data "$sets/$split" --variant "$variant" --quiet
        runs+=("$run")
      done
    done
  done
  "$bin/nnrec_report" --splits "${runs[@]}" --references "$root/data/reference_results.csv" | tee "$folder/table.txt"
}

if [ "$preset" = published ]; then
  [ -z "$variants" ] || stop 2 "--variants goes with --preset tuned or sampled: the published table has its own four"
fi
: "${variants:=basic,one_layer,enriched,complex,deep_fm}"

check_root
install_and_build
[ -n "$folder" ] || folder=runs/reproduce-$(date +%Y%m%d-%H%M%S)
if [ "$preset" = published ]; then reproduce_published; else reproduce_preset; fi
