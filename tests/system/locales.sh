#!/usr/bin/env bash
# locales.sh BIN MPIRUN CASES DIR: under locales with a decimal comma the programs write the same bytes as
# under C: shards, manifest, history and the numbers of the log. The locales are made here, so that the
# test does not depend on what the machine has.
set -euo pipefail
bin=$1 mpirun=$2 cases=$3 dir=$4
rm -rf "$dir"
mkdir -p "$dir/locales"
export LOCPATH="$dir/locales"
unset LANGUAGE LC_NUMERIC

run_in() { # locale -> $dir/LOCALE.set, its history and logs without times
  local -x LC_ALL=$1
  local out="$dir/$1"
  "$bin/nnrec_prep" --input "$cases/A11/half.csv" --scale 0.5:5 --test-fraction 0.25 --output "$out.set" >"$out.prep"
  timeout 300 "$mpirun" -np 1 --oversubscribe --bind-to none "$bin/nnrec_dist" --data "$out.set" \
    --variant one_layer --epochs 2 --learning-rate 0.05 --dropout 0.25 --run "$out.run" >"$out.dist"
  cut -d, -f1-7 "$out.run/history.csv" >"$out.history"
  grep -E 'RMSE .* clipped|digest|ratings kept|mean' "$out.prep" "$out.dist" | sed "s|$dir/$1||g" >"$out.lines"
}

run_in C
# (0.5 + 3.5 + 4.5) / 3; 5.0 is the test row.
grep -q 'ratings from 0.5 to 5, mean 2.8333' "$dir/C.prep" || { echo "C: the ratings are not those of the case" >&2; exit 1; }
for name in de_DE pl_PL; do
  locale=$name.UTF-8
  localedef -i $name -f UTF-8 "$LOCPATH/$locale"
  # It is in force: another program writes a comma.
  written=$(LC_ALL=$locale env printf '%.1f' 1,5)
  point=$(LC_ALL=$locale locale decimal_point)
  if [ "$written" != 1,5 ] || [ "$point" != , ]; then
    echo "locale $locale is not in force: $written, $point" >&2
    exit 1
  fi
  run_in $locale
  diff -r "$dir/C.set" "$dir/$locale.set"
  cmp "$dir/C.history" "$dir/$locale.history"
  cmp "$dir/C.lines" "$dir/$locale.lines"
  echo "$locale: the same bytes as C"
done
