#!/usr/bin/env bash
# From a fresh clone to the published results table: installs what is missing, builds, prepares
# the data, trains all four variants on two ranks, shows the table and says where the chart is.
#   jobs/quickstart.sh
# Data: $NNREC_DATA/ml-100k, else data/ml-100k, else a download, else synthetic data.
# Safe to run again: every run has a folder of its own in runs/, and the prepared set is data/quickstart.
set -euo pipefail
script=${BASH_SOURCE[0]}
[ ! -L "$script" ] || script=$(realpath "$script")
# shellcheck source=jobs/common.sh
. "$(dirname "$script")/common.sh"

case ${1:-} in
  "") ;;
  -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$root/jobs/quickstart.sh" && exit 0 ;;
  *) stop 2 "unknown argument '$1'; there are none. See jobs/quickstart.sh --help" ;;
esac

check_root
install_and_build
SECONDS=0
prepare_data
run=runs/quickstart-$(date +%Y%m%d-%H%M%S)
run_ranks 2 "$bin/nnrec_dist" --data "$shards" --variant basic,one_layer,enriched,complex --seed 1 --run "$run"
"$bin/nnrec_report" "$run" --data "$data_name"
say "prepared, trained and reported in $SECONDS s; everything is in $run"
