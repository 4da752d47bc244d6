# shellcheck shell=bash
# What the scripts in jobs/ share: where the project is, its programs ($bin), its data, how ranks start.
# Source it, do not run it. It moves to the project's folder, so that relative paths mean the same
# wherever a script is called from. Installed scripts stay in the folder that they are called from.

caller_folder=$PWD
unset CDPATH # by which `cd` finds other folders, and prints them
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
# stop CODE MESSAGE: 2 wrong usage, 3 the machine refuses.
stop() {
  local code=$1
  shift
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit "$code"
}

is_project() { [ -f "$root/CMakeLists.txt" ] || [ -d "$root/build/bin" ]; }
if is_project; then
  cd "$root" || exit 3
  bin=build/bin
elif [ -x "$root/../../bin/nnrec_dist" ]; then # installed as PREFIX/share/nnrec/jobs
  bin=$(cd "$root/../../bin" && pwd)
elif bin=$(command -v nnrec_dist); then
  bin=$(dirname "$bin")
else
  stop 3 "the programs of nnrec are not on PATH"
fi

# shellcheck source=jobs/launch.sh
. "$root/jobs/launch.sh"

# nproc would follow OMP_NUM_THREADS; what counts here is the processors this process may use.
cores=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)

install_and_build() {
  is_project || return 0
  jobs/install_packages.sh
  local output
  output=$(cmake --preset release 2>&1) ||
    { say "$output" && stop 3 "cmake cannot configure the build; see above"; }
  cmake --build build -j"$cores" --target nnrec_programs
}

# ---- ranks ------------------------------------------------------------------------------------

in_container() {
  [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -n "${container:-}" ] ||
    { command -v systemd-detect-virt >/dev/null && systemd-detect-virt --container --quiet; }
}

# Open MPI refuses to run as root. In a container root is the usual user, so it is allowed there,
# for our own mpirun alone; elsewhere the user has to decide.
check_root() {
  [ "$(id -u)" -eq 0 ] || return 0
  if in_container; then
    root_allowed=(OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
  elif [ -z "${OMPI_ALLOW_RUN_AS_ROOT:-}" ] || [ -z "${OMPI_ALLOW_RUN_AS_ROOT_CONFIRM:-}" ]; then
    stop 3 "Open MPI does not run as root: use another account, or" \
      "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
  fi
}
root_allowed=()

# run_ranks N PROGRAM ARGUMENT...: the processors are shared out among the ranks' threads. Where the script is told to
# stop, the ranks save, or what is no rank and saves nothing ends, and this returns their 75; not in a $(subshell), which
# nobody tells. Standard input is left to whoever called the script.
run_ranks() {
  local ranks=$1 threads
  shift
  [ "$stop_is_asked" = no ] || return "$saved_run_again"
  check_root
  threads=$((cores / ranks))
  [ "$threads" -ge 1 ] || threads=1
  # OpenMP would bind the threads of each rank, and of each trial beside others, to the same processors.
  local settings=(-u OMP_PLACES -u GOMP_CPU_AFFINITY OMP_PROC_BIND=false)
  settings+=("${root_allowed[@]}" "OMP_NUM_THREADS=${OMP_NUM_THREADS:-$threads}")
  # A rank that waits lets others run: ranks may share a processor, and so may other programs.
  settings+=(OMPI_MCA_mpi_yield_when_idle=1)
  # A launcher takes longer to start than a small model to train, and one rank needs none.
  if [ "$ranks" -eq 1 ]; then
    launch env "${settings[@]}" "$@" </dev/null
    return
  fi
  # --oversubscribe: Open MPI counts cores, not hardware threads, and would refuse the rest.
  launch env "${settings[@]}" mpirun -np "$ranks" --bind-to none --oversubscribe "$@" </dev/null
}

# ---- data -------------------------------------------------------------------------------------

archive_url=https://files.grouplens.org/datasets/movielens/ml-100k.zip

fetch() { # URL FILE
  if command -v curl >/dev/null; then
    curl --fail --silent --location --connect-timeout 8 --max-time 20 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    timeout 20 wget --quiet --tries=1 --timeout=8 --output-document="$2" "$1"
  else
    return 1
  fi
}

unpack() { # ARCHIVE FOLDER
  if command -v unzip >/dev/null; then
    unzip -q "$1" -d "$2"
  elif command -v bsdtar >/dev/null; then
    bsdtar -xf "$1" -C "$2"
  elif command -v python3 >/dev/null; then
    python3 -m zipfile -e "$1" "$2"
  else
    return 1
  fi
}

# Says why on failure; data/ml-100k is whole or absent.
download_movielens() {
  local partial=data/.ml-100k.partial
  rm -rf "$partial" && mkdir -p "$partial"
  if ! fetch "$archive_url" "$partial/ml-100k.zip"; then
    say "data: GroupLens's archive cannot be reached ($archive_url)"
  elif ! unpack "$partial/ml-100k.zip" "$partial" >/dev/null 2>&1; then
    say "data: GroupLens's archive cannot be unpacked (is unzip, bsdtar or python3 there?)"
  elif ! (cd "$partial/ml-100k" && sha256sum --check --quiet "$root/jobs/ml-100k.sha256") 2>&1; then
    say "data: GroupLens's archive has other bytes than MovieLens 100K should have: not used"
  else
    mv "$partial/ml-100k" data/ml-100k && rm -rf "$partial"
    return 0
  fi
  rm -rf "$partial"
  return 1
}

show_licence() {
  say "data: MovieLens 100K belongs to GroupLens, University of Minnesota. Its README allows research"
  say "      use with acknowledgement; it forbids passing the data on without permission, and any"
  say "      commercial use without GroupLens's permission. Full text: $1/README"
}

# Sets data_folder and data_name: MovieLens 100K where it can be had, else synthetic data.
choose_data() {
  local own=""
  if [ -n "${NNREC_DATA:-}" ]; then
    own=$(cd "$caller_folder" && realpath -m "$NNREC_DATA")/ml-100k
    [ -f "$own/u.data" ] || say "data: NNREC_DATA is set, but $own/u.data is not there"
  fi
  data_name="MovieLens 100K"
  if [ -n "$own" ] && [ -f "$own/u.data" ]; then
    data_folder=$own
  elif [ -f data/ml-100k/u.data ]; then
    data_folder=data/ml-100k
  elif download_movielens; then
    data_folder=data/ml-100k
    show_licence "$data_folder"
  else
    data_name="synthetic data"
    data_folder=data/synthetic
    [ -f "$data_folder/u.data" ] || "$bin/nnrec_synth" --output "$data_folder"
  fi
  say "data: using $data_name from $data_folder"
  if [ "$data_name" = "synthetic data" ]; then
    say "data: published figures are for MovieLens 100K; those for synthetic data cannot match." \
      "Its noise floor: RMSE $(awk '/noise_floor_rmse/ {print $2}' "$data_folder/noise_floor.txt")"
  fi
}

# begin_set PLACE: removes the prepared set of these scripts' own that is there: from the start it takes less than a
# second, and the choice of data may differ from the last time. Until the script has ended others that would do so stop,
# where there are locks.
begin_set() {
  local lock code=0
  mkdir -p "$(dirname "$1")"
  exec {lock}>"$1.lock"
  flock -n "$lock" || code=$?
  [ "$code" -ne 1 ] || stop 3 "$1 is in use by another of these scripts: wait for its end"
  rm -rf "$1"
}

# Chooses the data and leaves it as shards in $shards: a folder of these scripts' own, because data/default is
# where a user's set lies.
shards=data/quickstart
prepare_data() {
  choose_data
  begin_set "$shards"
  run_ranks 1 "$bin/nnrec_prep" --input "$data_folder" --output "$shards"
}
