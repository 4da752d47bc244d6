#!/bin/bash
# using_what_was_trained.sh BIN README DIR: the commands of README's section of that name run as they are written.
# Ids and titles in them are those of MovieLens 100K: here a set of the same ids is made up.
set -euo pipefail
bin=$1 readme=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir/build"
ln -s "$bin" "$dir/build/bin"
cd "$dir"
{
  echo "user,item,rating"
  for user in 196 22 244 298; do
    for item in 242 302 50 1; do echo "$user,$item,$(((user * item) % 5 + 1))"; done
  done
} >ratings.csv
printf 'movieId,title,genres\n242,Kolya (1996),Comedy\n302,L.A. Confidential (1997),Crime|Drama\n' >movies.csv
printf '50,Star Wars (1977),Action\n1,Toy Story (1995),Children\n' >>movies.csv
{
  echo "userId,movieId,rating,timestamp"
  tail -n +2 ratings.csv | awk -F, '{print $0 "," 880000000 + NR}'
} >ml.csv
mkdir set-in
mv ml.csv set-in/ratings.csv
mv movies.csv set-in/movies.csv
build/bin/nnrec_prep --input set-in --output data/default --test-fraction 0.25 >log
build/bin/nnrec_dist --variant one_layer,enriched --epochs 2 --run runs/first >>log
cut -d, -f1,2 ratings.csv >pairs.tsv
section=$(sed -n '/^## Using what was trained/,/^## On a cluster/p' "$readme")
commands=$(printf '%s\n' "$section" | sed -n 's/^    //p' | grep -v '^python3')
echo "$commands"
[ "$(printf '%s\n' "$commands" | wc -l)" -ge 8 ]
port=$((20000 + RANDOM % 20000)) # 8080 may be another's
eval "${commands//8080/$port}"
test -s report.html && test -s ratings.tsv && test -s lists.csv && test -s judged.json && test -s one_layer.npz
