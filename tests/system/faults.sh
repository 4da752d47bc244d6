#!/usr/bin/env bash
# faults.sh BIN MPIRUN DATA DIR CASE: one kind of trouble that a run meets, what it says then, and that nothing
# is lost: the run ends with the digest of one that met none.
# CASE: foreign_lock  read_only_data  read_only_run  full_disk  small_shared_memory  terminated  interrupted
#       terminated_by_mpirun  warned  one_rank_terminated  stalled  stalled_unheard  unheard  wrong_clock  one_core
#       bound_threads  protected_set  piped_answers  no_number_of_threads  shard_layout  repacked  closed_places
#       scarce_disk
set -euo pipefail
bin=$1 mpirun=$2 data=$3 dir=$4/$5 case=$5
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/system/outcome.sh
. "$here/outcome.sh"
rm -rf "$dir"
mkdir -p "$dir"

ranks() { # N OPTION...: a job of N ranks; 4 epochs, or $epochs
  timeout 300 "$mpirun" -np "$1" --oversubscribe --bind-to none "$bin/nnrec_dist" --variant one_layer \
    --epochs "${epochs:-4}" --batch 500 --threads 1 "${@:2}"
}
fail() { echo "$case: $*" >&2; exit 1; }
ranks 1 --data "$data" --run "$dir/reference" >"$dir/out"
reference=$(digests "$dir/reference")
ended_as_reference() { # RUN
  [ "$(digests "$1")" = "$reference" ] || fail "$1 ends with $(digests "$1"), not with $reference"
}
# As a user for whom what is closed is closed, without a home to write to. root stays root, since no other
# account need reach this folder, but may no longer write anywhere.
as_user() {
  local closed=(env HOME=/nonexistent)
  [ "$(id -u)" -ne 0 ] || closed=(setpriv --bounding-set="-dac_override,-dac_read_search" "${closed[@]}")
  "${closed[@]}" "$@"
}

foreign_lock() { # D01: another program has the shards locked
  local shard
  for shard in "$data"/*.h5; do
    exec {lock}<"$shard"
    flock --exclusive "$lock"
  done
  ranks 2 --data "$data" --run "$dir/run" >"$dir/out"
  HDF5_USE_FILE_LOCKING=FALSE ranks 2 --data "$data" --run "$dir/unlocked" >"$dir/out"
  ended_as_reference "$dir/run"
  ended_as_reference "$dir/unlocked"
}

read_only_data() {
  cp -r "$data" "$dir/data"
  chmod -R a-w "$dir/data"
  export -f ranks
  export bin mpirun
  # shellcheck disable=SC2016
  as_user bash -c 'ranks 2 --data "$0/data" --run "$0/run"' "$dir" >"$dir/out"
  chmod -R u+w "$dir/data"
  ended_as_reference "$dir/run"
}

read_only_run() {
  mkdir "$dir/closed"
  chmod a-w "$dir/closed"
  export -f ranks
  export bin mpirun data
  local code=0
  # shellcheck disable=SC2016
  as_user bash -c 'ranks 2 --data "$data" --run "$0/closed/run"' "$dir" >"$dir/out" 2>&1 || code=$?
  [ "$code" -eq 3 ] || fail "exit code $code, not 3: $(cat "$dir/out")"
  [ "$(grep -c "closed/run: cannot be made: Permission denied" "$dir/out")" -eq 1 ] ||
    fail "not one message that names the folder: $(cat "$dir/out")"
  rmdir "$dir/closed" # empty still
}

# F03: a disk of 400 KB (a file system in memory, seen by this test alone) that every step saves to.
full_disk() {
  local inside
  # shellcheck disable=SC2016
  inside='
    set -euo pipefail
    mount -t tmpfs -o size=400k tmpfs "$dir/disk"
    code=0
    ranks 2 --data "$data" --run "$dir/disk/run" --checkpoint-every 1steps --keep 1000 >"$dir/out" 2>&1 || code=$?
    [ "$code" -eq 3 ] || { echo "exit code $code, not 3"; exit 1; }
    grep -q "is not saved, training goes on: .*No space left on device" "$dir/out"
    grep -q "the checkpoint of step [0-9]* of one_layer is not saved: .*No space left on device" "$dir/out"
    ! grep -q "\.partial-" "$dir/out" || { echo "not by the name that is wanted"; exit 1; }
    grep -q "one_layer epoch 4/4" "$dir/out"
    [ -z "$(find "$dir/disk/run" -name ".*")" ] || { echo "half-written files are left"; exit 1; }
    ls "$dir/disk/run/checkpoints" | sed -n 1,2p | sed "s|^|$dir/disk/run/checkpoints/|" | xargs rm
    ranks 3 --data "$data" --run "$dir/disk/run" >"$dir/out" 2>&1
    grep -q "goes on from" "$dir/out"
    cp "$dir/disk/run/result.json" "$dir"' # the disk ends with its mount
  mkdir "$dir/disk"
  export -f ranks
  export bin mpirun data dir
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
  unshare "${as_root[@]}" --mount bash -c "$inside" || fail "$(cat "$dir/out")"
  ended_as_reference "$dir"
}

# T31: a container whose /dev/shm is smaller than the ratings; once they are bounded it is enough.
small_shared_memory() {
  "$bin/nnrec_synth" --users 2000 --items 1500 --ratings 800000 --format shards --output "$dir/set" >"$dir/out"
  local inside
  # shellcheck disable=SC2016
  inside='
    set -euo pipefail
    mount -t tmpfs -o size=8m tmpfs /dev/shm
    export OMPI_MCA_btl_sm_backing_directory=$dir # where Open MPI 5 would take 16 MiB a rank there
    code=0
    ranks 2 --data "$dir/set" --run "$dir/run" >"$dir/out" 2>&1 || code=$?
    [ "$code" -eq 3 ] || { echo "exit code $code, not 3"; exit 1; }
    grep -q "/dev/shm, where its ranks share memory, has 8388608 bytes, [0-9]* of them free: .*--shm-size" "$dir/out"
    grep -q "The ratings take 9600000 bytes a node in all; --memory-limit" "$dir/out"
    [ ! -e "$dir/run" ] || { echo "a run was begun"; exit 1; }
    epochs=1 ranks 2 --data "$dir/set" --run "$dir/run" --memory-limit 4MB >"$dir/out" 2>&1'
  export -f ranks
  export bin mpirun dir
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
  unshare "${as_root[@]}" --mount bash -c "$inside" || fail "$(cat "$dir/out")"
}

ranks_of() { # RUN: their processes
  pgrep -f "^$bin/nnrec_dist .*--run $1( |\$)"
}

# E03: signals a running job of two ranks; the ranks save, nothing is left running, and the run goes on.
stopped() { # SIGNAL launcher|rank CODE LAUNCHER [OPTION...]: the launcher's exit code, itself, its options
  local launcher pids code=0 step
  set -m # without job control what starts in the background ignores INT
  "$4" -np 2 --oversubscribe --bind-to none "${@:5}" "$bin/nnrec_dist" --variant one_layer --epochs 100000 \
    --batch 500 --threads 1 --data "$data" --run "$dir/run" >"$dir/out" 2>&1 &
  launcher=$!
  set +m
  until compgen -G "$dir/run/checkpoints/*.h5" >/dev/null; do sleep 0.05; done
  mapfile -t pids < <(ranks_of "$dir/run")
  [ ${#pids[@]} -eq 2 ] || fail "${#pids[@]} ranks are there"
  if [ "$2" = launcher ]; then kill -"$1" "$launcher"; else kill -"$1" "${pids[1]}"; fi
  wait "$launcher" || code=$?
  [ "$code" -eq "$3" ] || fail "exit code $code, not $3: $(cat "$dir/out")"
  for _ in $(seq 100); do kill -0 "${pids[@]}" 2>/dev/null || break; sleep 0.05; done
  ! kill -0 "${pids[@]}" 2>/dev/null || fail "ranks are still there after 5 s"
  step=$(sed -nE 's/.*one_layer is saved at step ([0-9]+) .*/\1/p' "$dir/out")
  [ -n "$step" ] || fail "nothing was saved: $(cat "$dir/out")"
  local epochs=$((step / 5 + 1)) # 5 steps make an epoch
  ranks 3 --data "$data" --run "$dir/run" >"$dir/out" 2>&1 || fail "does not go on: $(cat "$dir/out")"
  grep -q "one_layer: goes on from .*, step $step" "$dir/out" || fail "does not go on from step $step"
  ranks 1 --data "$data" --run "$dir/straight" >"$dir/out"
  [ "$(digests "$dir/run")" = "$(digests "$dir/straight")" ] || fail "ends with other bits"
}
# What jobs/mpirun.sh is for: an mpirun of Open MPI 5 kills its ranks at once.
by_script() { # SIGNAL
  PATH=$(dirname "$mpirun"):$PATH
  stopped "$1" launcher 75 "$here/../../jobs/mpirun.sh"
}
terminated() { by_script TERM; }
interrupted() { by_script INT; }
# 1 is mpirun's own code, once it was told to end. It kills the ranks after a time that a disk that others keep
# busy may need for one save: the README's remedy for that is part of the case.
terminated_by_mpirun() { stopped TERM launcher 1 "$mpirun" --mca odls_base_sigkill_timeout 5; }
warned() { stopped USR1 launcher 75 "$mpirun"; }
one_rank_terminated() { stopped TERM rank 75 "$mpirun"; }

# stand_still LAUNCHER COMMAND...: the second of two ranks stands still for as long as COMMAND takes, then they are
# to stop, and have saved.
stand_still() {
  local pid still
  until compgen -G "$dir/run/checkpoints/*.h5" >/dev/null; do sleep 0.05; done
  for pid in $(ranks_of "$dir/run"); do # rank 0 watches, so that it must go on
    ! grep -zqx OMPI_COMM_WORLD_RANK=1 "/proc/$pid/environ" || still=$pid
  done
  kill -STOP "$still"
  "${@:2}"
  kill -CONT "$still"
  kill -TERM "$still"
  local code=0
  wait "$1" || code=$?
  [ "$code" -eq 75 ] || fail "exit code $code, not 75: $(cat "$dir/out")"
}

# A rank that stands still is named, and the run goes on with it to the same bits.
stalled() {
  epochs=20000 ranks 2 --data "$data" --run "$dir/run" --stall-timeout 1s >"$dir/out" 2>&1 &
  # Whom the others wait for is said where the phases differ; it may as well stand still in an agreement.
  stand_still $! is_said "one_layer: for [0-9]+ s no rank has ended a phase of a step"
}
is_said() { until grep -qE "$1" "$dir/out"; do sleep 0.1; done; }

# Nobody hears of it where the standard error is a full disk: that ends no training.
stalled_unheard() {
  # shellcheck disable=SC2016  # the inner shell expands
  timeout 300 "$mpirun" -np 2 --oversubscribe --bind-to none sh -c 'exec "$@" 2>/dev/full' sh "$bin/nnrec_dist" \
    --variant one_layer --epochs 20000 --batch 500 --threads 1 --data "$data" --run "$dir/run" --stall-timeout 1s \
    >"$dir/out" 2>&1 &
  stand_still $! sleep 3
}

# A standard output that refuses from the first byte on ends no training either.
unheard() {
  local name where='>/dev/full'
  for name in full closed; do
    [ "$name" = full ] || where='>&-'
    timeout 300 "$mpirun" -np 2 --oversubscribe --bind-to none sh -c "exec \"\$@\" $where" sh "$bin/nnrec_dist" \
      --variant one_layer --epochs 4 --batch 500 --threads 1 --data "$data" --run "$dir/$name"
    grep -q "standard output cannot be written" "$dir/$name/log.txt" || fail "$name: not in log.txt"
    ended_as_reference "$dir/$name"
  done
}

# What is newest is said by steps, not by the times of files.
wrong_clock() {
  epochs=3 ranks 2 --data "$data" --run "$dir/run" >"$dir/out"
  touch -d 1999-01-01 "$dir/run/checkpoints/one_layer-step-0000000015.h5"
  touch -d 2099-01-01 "$dir/run/checkpoints/one_layer-step-0000000005.h5"
  ranks 2 --data "$data" --run "$dir/run" >"$dir/out"
  grep -q "step 15$" "$dir/out" || fail "does not go on from step 15: $(cat "$dir/out")"
  ended_as_reference "$dir/run"
}

# E06: a rank that was bound to one core and asked for eight threads says so, and trains.
one_core() {
  taskset -c "$(taskset -cp $$ | sed -E 's/.*: ([0-9]+).*/\1/')" \
    "$mpirun" -np 1 --bind-to none "$bin/nnrec_dist" --variant one_layer --epochs 4 --batch 500 --threads 8 \
    --data "$data" --run "$dir/run" >"$dir/out" 2>&1
  grep -q "warning: 1 core allowed, 8 threads asked" "$dir/out" || fail "no warning: $(cat "$dir/out")"
  ended_as_reference "$dir/run"
}

# OpenMP has bound the first thread to one core by then; all of the rank's are shared out all the same.
bound_threads() {
  local setting
  for setting in OMP_PROC_BIND=true OMP_PLACES=threads GOMP_CPU_AFFINITY=0-1023; do
    env -u OMP_NUM_THREADS -u OMP_WAIT_POLICY "$setting" "$mpirun" -np 1 --bind-to none "$bin/nnrec_dist" \
      --variant one_layer --epochs 4 --batch 500 --data "$data" --run "$dir/$setting" >"$dir/out" 2>&1
    grep -q "^1 ranks (1 on this node) x $(env -u OMP_NUM_THREADS nproc) threads" "$dir/out" ||
      fail "$setting: $(cat "$dir/out")"
    ! grep -q "warning: .*cores" "$dir/out" || fail "$setting: $(cat "$dir/out")"
    ended_as_reference "$dir/$setting"
  done
  OMP_PROC_BIND=spread "$mpirun" -np 2 --oversubscribe --bind-to none "$bin/nnrec_dist" --variant one_layer \
    --epochs 4 --batch 500 --threads 2 --data "$data" --run "$dir/run" >"$dir/out" 2>&1
  grep -q "warning: OMP_PROC_BIND binds the threads of 2 ranks" "$dir/out" || fail "no warning: $(cat "$dir/out")"
  ended_as_reference "$dir/run"
}

# Of a set that may not be written the content could not be removed either.
protected_set() {
  local made=("$bin/nnrec_synth" --users 50 --items 60 --ratings 900 --format shards --output "$dir/set")
  "${made[@]}" >"$dir/out"
  chmod a-w "$dir/set"
  ! as_user "${made[@]}" --seed 2 >"$dir/out" 2>&1 || fail "a protected set is replaced"
  grep -q "$dir/set: is protected against writing" "$dir/out" || fail "$(cat "$dir/out")"
  [ "$(ls -A "$dir")" = "$(printf 'out\nreference\nset')" ] || fail "left: $(ls -A "$dir")"
  chmod u+w "$dir/set"
  as_user "${made[@]}" --seed 2 >"$dir/out"
}

# Standard streams may be pipes that have no path.
piped_answers() {
  # An archive, and nothing in front of it.
  [ "$("$bin/nnrec_export" "$dir/reference" --output /dev/stdout 2>"$dir/out" | head -c 2)" = PK ] ||
    fail "$(cat "$dir/out")"
  printf 'user,item\n1,1\n2,3\n' >"$dir/pairs"
  for _ in 1 2; do
    "$bin/nnrec_predict" --run "$dir/reference" --pairs /dev/stdin --output "$dir/predicted" >"$dir/out" 2>&1 \
      < <(cat "$dir/pairs") || fail "$(cat "$dir/out")"
  done
  "$bin/nnrec_predict" --run "$dir/reference" --pairs "$dir/pairs" --output /dev/stdout 2>"$dir/out" |
    cmp - "$dir/predicted" || fail "$(cat "$dir/out")"
}

# As OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK leaves it where nobody asked for cores: the ranks share those that are there.
no_number_of_threads() {
  local value share
  share=$(($(env -u OMP_NUM_THREADS nproc) / 2))
  [ "$share" -ge 1 ] || share=1
  for value in "" none 0; do
    OMP_NUM_THREADS=$value timeout 300 "$mpirun" -np 2 --oversubscribe --bind-to none "$bin/nnrec_dist" \
      --variant basic --epochs 1 --data "$data" --run "$dir/run" >"$dir/out" 2>&1
    grep -q "^2 ranks (2 on this node) x $share threads" "$dir/out" || fail "OMP_NUM_THREADS='$value': $(cat "$dir/out")"
  done
}

# D06, D09: shards open with HDF5 of 2008 on (superblock 0), in chunks of 0.1 to 1 MiB where there are the rows.
shard_layout() {
  "$bin/nnrec_synth" --users 2000 --items 500 --ratings 400000 --format shards --output "$dir/set" >"$dir/out"
  local shard chunk
  for shard in "$dir"/set/shard-*.h5; do
    h5dump --boot-block --header --properties "$shard" >"$dir/header"
    grep -q "SUPERBLOCK_VERSION 0" "$dir/header" || fail "$shard needs a newer HDF5"
  done
  sed -nE 's/.*CHUNKED \( ([0-9]+) \).*/\1/p' "$dir/header" >"$dir/chunks"
  [ -s "$dir/chunks" ] || fail "no chunks"
  while read -r chunk; do
    if [ $((chunk * 8)) -lt 104857 ] || [ $((chunk * 4)) -gt 1048576 ]; then fail "chunks of $chunk rows"; fi
  done <"$dir/chunks"
}

# A set whose shards another program packed, in another folder, in other chunks, is the same set: it has one
# digest, and a run goes on with it.
repacked() {
  cp -r "$data" "$dir/set"
  "$bin/nnrec_prep" --describe "$data" | grep "^data digest" >"$dir/digest"
  epochs=2 ranks 2 --data "$data" --run "$dir/run" >"$dir/out"
  local shard
  for shard in "$dir"/set/shard-*.h5; do
    h5repack -f SHUF -f GZIP=9 -l CHUNK=77 "$shard" "$dir/packed"
    cmp -s "$shard" "$dir/packed" && fail "$shard is as it was"
    printf 'nnrec-seal-1 sha256 %s\n' "$(sha256sum "$dir/packed" | cut -d' ' -f1)" >>"$dir/packed"
    mv "$dir/packed" "$shard"
  done
  "$bin/nnrec_prep" --describe "$dir/set" | grep "^data digest" | diff "$dir/digest" - || fail "another digest"
  ranks 2 --data "$dir/set" --run "$dir/run" >"$dir/out"
  grep -q "goes on from" "$dir/out" || fail "does not go on: $(cat "$dir/out")"
  ended_as_reference "$dir/run"
}

# What a run must write and may not is said by it before it trains, and by --preflight alike; what had ended stays.
closed_places() {
  export -f ranks
  export bin mpirun data
  ranks 1 --data "$data" --run "$dir/run" >"$dir/out"
  cp "$dir/run/result.json" "$dir/result"
  local place option code
  for place in checkpoints samples log.txt lock; do
    [ "$place" != samples ] || mkdir "$dir/run/samples"
    chmod a-w "$dir/run/$place"
    for option in --quiet --preflight; do
      code=0
      # shellcheck disable=SC2016
      epochs=6 as_user bash -c 'ranks 2 --data "$data" --run "$0" "${@}"' "$dir/run" "$option" \
        --sampler sgld:warm_up=5,burn_in=5 --keep-samples 1 --allow-changes >"$dir/out" 2>&1 || code=$?
      [ "$code" -eq 3 ] || fail "$place, $option: exit code $code, not 3: $(cat "$dir/out")"
      grep -q "run/$place: cannot be written: Permission denied" "$dir/out" ||
        fail "$place, $option: not named: $(cat "$dir/out")"
      cmp "$dir/result" "$dir/run/result.json"
    done
    chmod u+w "$dir/run/$place"
  done
}

# Room is needed where the checkpoints go, at the end of links, and for no more than will be there.
scarce_disk() {
  local inside
  # shellcheck disable=SC2016
  inside='
    set -euo pipefail
    mount -t tmpfs -o size=400k tmpfs "$dir/disk" # four checkpoints of 90 kB
    ranks 2 --data "$data" --run "$dir/disk/run" --preflight >"$dir/out" 2>&1
    ranks 2 --data "$data" --run "$dir/disk/run" >"$dir/out" 2>&1
    for option in --preflight --quiet; do
      epochs=8 ranks 2 --data "$data" --run "$dir/disk/run" "$option" >"$dir/out" 2>&1
    done
    code=0
    ranks 2 --data "$data" --run "$dir/run" --preflight >"$dir/out" 2>&1 || code=$?
    [ "$code" -eq 3 ] || { echo "exit code $code, not 3"; exit 1; }
    grep -q "FAIL disk of $dir/run/checkpoints: checkpoints need .* more, .* are free" "$dir/out"'
  mkdir "$dir/disk" "$dir/run"
  ln -s ../disk "$dir/run/checkpoints"
  export -f ranks
  export bin mpirun data dir
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
  unshare "${as_root[@]}" --mount bash -c "$inside" || fail "$(cat "$dir/out")"
}

"$case"
rm -rf "$dir"
