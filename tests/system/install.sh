#!/bin/bash
# install.sh BUILD DIR: what is installed runs from where it was put, scripts too, which work in the folder that they are
# called from; published options are read from there.
set -euo pipefail
build=$1 dir=$2
rm -rf "$dir"
mkdir -p "$dir"
cmake --install "$build" --prefix "$dir/usr" >"$dir/log"
for program in prep synth dist report eval predict recommend export serve tune; do
  "$dir/usr/bin/nnrec_$program" --help >"$dir/help"
  grep -q "^Options" "$dir/help"
done
"$dir/usr/bin/nnrec_synth" --format shards --users 30 --items 20 --ratings 500 --output "$dir/set" >>"$dir/log"
"$dir/usr/bin/nnrec_dist" --config "$dir/usr/share/nnrec/published/basic.cfg" --data "$dir/set" --epochs 1 \
  --run "$dir/run" >>"$dir/log"
"$dir/usr/bin/nnrec_recommend" "$dir/run" --all-users --format json >"$dir/lists.json"
test -s "$dir/lists.json"
test -s "$dir/usr/share/doc/nnrec/README.md"

# ---- scripts: they find the programs beside themselves, and write where they are called
mkdir "$dir/own" "$dir/stand-ins"
cd "$dir/own"
share=$dir/usr/share/nnrec
for job in quickstart reproduce tune; do
  "$share/jobs/$job.sh" --help >"$dir/help"
  grep -q "jobs/$job.sh" "$dir/help"
done
"$dir/usr/bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output text >>"$dir/log"
cat >"$dir/stand-ins/srun" <<'END'
#!/bin/bash
while [[ $1 == --* ]]; do shift; done
exec "$@"
END
chmod +x "$dir/stand-ins/srun"
PATH=$dir/stand-ins:$dir/usr/bin:$PATH SLURM_SUBMIT_DIR=$PWD SLURM_JOB_ID=1 bash "$share/slurm/prep.sbatch" \
  --input text --validation 0.2 --output data/cut >>"$dir/log"
"$share/jobs/tune.sh" runs/tune --data data/cut --fixed variant=basic --search learning-rate=0.01,0.02 --trials 1 \
  --rungs 1 >>"$dir/log"
test -s runs/tune/trials.svg
# Elsewhere than the programs, by PATH.
mv "$share" "$dir/share"
PATH=$dir/usr/bin:$PATH "$dir/share/jobs/tune.sh" runs/tune >>"$dir/log"
code=0
"$dir/share/jobs/tune.sh" runs/tune 2>"$dir/said" || code=$?
[ "$code" -eq 3 ] && grep -q 'tune.sh: the programs of nnrec are not on PATH' "$dir/said"
