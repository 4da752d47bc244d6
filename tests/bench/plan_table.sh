#!/bin/bash
# What --plan says of the published variants on 1 to 64 nodes of 16 ranks, as a table of README: on a synthetic set of
# MovieLens 20M's shape, made in FOLDER if it is not there. Costs are measured on one rank here, so that the machine
# must be idle; the network is given.
#   tests/bench/plan_table.sh [FOLDER [BATCH [NETWORK [RATINGS]]]]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/tmp/nnrec-scaling-benchmark}
batch=${2:-65536}
network=${3:-10us,12.5GB/s}
ratings=${4:-20000000}
# shellcheck source=tests/bench/synthetic_set.sh
. tests/bench/synthetic_set.sh
movielens_20m "$folder" "$ratings"

build/bin/nnrec_dist --data "$set" --variant basic,one_layer,enriched,complex --batch "$batch" --threads 1 \
  --plan 1,2,4,8,16,32,64 --ranks-per-node 16 --network "$network" >"$folder/plan" 2>&1 ||
  { cat "$folder/plan" >&2; exit 1; }
awk '
  function flush() { # the rows of a variant
    for (i = 1; i <= kinds; ++i) if (name[i]) print row[i] " |"
    kinds = 0
  }
  / on one core here: / {
    flush()
    variant = $1; sub(":", "", variant)
    kinds = split("step, ms;;efficiency;messages;sent a node;memory a node;exchange;", name, ";")
    for (i = 1; i <= kinds; ++i) row[i] = "| " variant " | " name[i]
  }
  $4 == "ms" {
    if (!header) columns = columns " | " $1
    kind = 0
    for (i = 3; i <= NF; ++i) {
      if (i == 4) continue
      value = $i
      if ($(i + 1) ~ /^(bytes|kB|MB|GB|TB)$/) value = value " " $(++i)
      row[++kind] = row[kind] " | " value
    }
  }
  / advice: / {
    if (!header++) {
      print "| variant | nodes" columns " |"
      gsub(/ [^|]+/, "---", columns)
      print "|---|---" substr(columns, 2) "|"
    }
    sub(/^ *advice: /, ""); advice = advice "\n- " variant ": " $0
  }
  END { flush(); print advice }' "$folder/plan"
