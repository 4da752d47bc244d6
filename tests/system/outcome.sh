# shellcheck shell=bash
# What must be equal for equal bits. Source it where `bin` is the folder of the programs.
: "${bin:?}"

# digests RUN: variant and model digest, a line a variant that a finished run ended with.
digests() {
  "$bin/nnrec_report" --list "$1" | awk '$2 == "finished" { print $3, $6 }'
}

# history RUN: history.csv without its columns of times.
history() {
  cut -d, -f1-7 "$1/history.csv"
}

# outcome RUN: both; fails where the run has no result.
outcome() {
  digests "$1" | grep . || return 1
  history "$1"
}
