#!/bin/bash
# readme_commands.sh BIN PROJECT DIR: the commands of README.md run as they are written, in the order of its sections, on a
# little set in the shape of MovieLens 100K that has the ids and titles they name. Tried elsewhere: what installs and
# builds (System.Jobs.quickstart_*), what is for Slurm (System.Slurm) and the tables of jobs/reproduce.sh, which take an
# hour (System.Jobs.reproduce_*). python3 is what NNREC_PYTHON names; without it those lines wait for tests/python.sh.
set -euo pipefail
bin=$1 project=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir/build" "$dir/ml-100k" "$dir/ml-100k-random"
ln -s "$bin" "$dir/build/bin"
ln -s "$project/jobs" "$dir/jobs"
cd "$dir"

# ------------------------------------------------------------------ the set
printf '%s\n' unknown Action Adventure Animation "Children's" Comedy Crime Documentary Drama Fantasy Film-Noir Horror \
  Musical Mystery Romance Sci-Fi Thriller War Western | awk '{print $0 "|" NR - 1}' >ml-100k/u.genre
awk -v OFS='|' 'BEGIN {
  split("Toy Story (1995)|GoldenEye (1995)|Star Wars (1977)|Kolya (1996)|L.A. Confidential (1997)|Fargo (1996)", titles, "|")
  split("1 2 50 242 302 100", ids, " ")
  split("5 2 2 6 9 7", genres, " ")  # places in u.genre
  for (i = 1; i <= 6; ++i) {
    flags = ""
    for (g = 1; g <= 19; ++g) flags = flags "|" (g == genres[i] || (i == 5 && g == 7))
    print ids[i], titles[i], "01-Jan-1995", "", "http://none" flags
  }
}' >ml-100k/u.item
awk 'BEGIN {
  split("196 22 244 298 115 253", users, " ")
  for (u = 1; u <= 6; ++u) print users[u] "|" 20 + 5 * u "|" (u % 2 ? "M" : "F") "|" (u % 3 ? "writer" : "student") "|5510" u
}' >ml-100k/u.user
awk -v OFS='\t' 'BEGIN {
  split("196 22 244 298 115 253", users, " ")
  split("1 2 50 242 302 100", items, " ")
  for (u = 1; u <= 6; ++u) for (i = 1; i <= 6; ++i) print users[u], items[i], (u * i) % 5 + 1, 880000000 + 3600 * (6 * u + i)
}' >ml-100k/u.data
awk 'NR % 5' ml-100k/u.data | tee ml-100k/u1.base >ml-100k-random/r0.base
awk 'NR % 5 == 0' ml-100k/u.data >ml-100k/u1.test
build/bin/nnrec_prep --input ml-100k --output data/next-month --seed 2 >log

# ------------------------------------------------------------- the commands
trap '[ $? -eq 0 ] || tail -n 20 log' EXIT
elsewhere='jobs/quickstart|tests/run|NNREC_DATA='
if [ -n "${NNREC_PYTHON:-}" ]; then
  PATH=$(dirname "$NNREC_PYTHON"):$PATH
else
  elsewhere+='|python3 '
fi
port=$((20000 + RANDOM % 20000)) # 8080 may be another's
# section TITLE LEAST: those of the section, LEAST of them and more. One set stands for what README leaves open, and
# searches have fewer trials.
section() {
  local commands
  commands=$(sed -n "/^##* $1\$/,/^##* /p" "$project/README.md" | sed -n 's/^    //p' |
    grep -vE "^($elsewhere)" |
    sed -E "s/FOLDER_FILE_OR_ARCHIVE/ml-100k/; s/8080/$port/; s/--trials 18/--trials 3/; s/(tuned-complex\.cfg.*)/\1 --trials 2/")
  [ "$(wc -l <<<"$commands")" -ge "$2" ] || { echo "README: less than $2 commands under $1" && exit 1; }
  echo "$commands"
  eval "$commands" >>log # no `||` behind it: the first that fails ends the test
}
section "Two commands" 6
section "How parameters move" 4
section "Features" 1
section "Stop, kill, go on" 4
section "Using what was trained" 12
test -s report.html && test -s ratings.tsv && test -s lists.csv && test -s judged.json && test -s one_layer.npz
section "A preset worth training" 2
section "Searching for options" 8
section "Sampled models" 3
