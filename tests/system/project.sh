#!/usr/bin/env bash
# project.sh CASE SOURCE DIR: what the project's own files promise whoever builds it and starts it.
# CASE: manual_starts_more_ranks_than_cores  warnings_are_errors_where_asked
set -euo pipefail
case=$1 source=$2 dir=$3/$1
rm -rf "$dir"
mkdir -p "$dir"
cd "$source"
fail() {
  echo "$case: $*" >&2
  exit 1
}

# A newcomer copies what the manual shows, on a machine of two cores.
manual_starts_more_ranks_than_cores() {
  local commands refused
  commands=$(grep -hE '^(    |.*"  ).*\bmpirun .*-np ([3-9]|[1-9][0-9])' README.md src/app/*/*.cpp) ||
    fail "the manual starts no job of many ranks"
  grep -q '\\n"$' <<<"$commands" || fail "no help text does"
  refused=$(grep -v -- --oversubscribe <<<"$commands") || return 0
  fail "mpirun refuses these where there are fewer cores: $refused"
}

# configure VALUE: whether the build that NNREC_WERROR=VALUE makes takes warnings for errors.
configure() {
  NNREC_WERROR=$1 cmake -S . -B "$dir/build" -G Ninja -DNNREC_BUILD_TESTS=OFF >"$dir/log" 2>&1 ||
    fail "$(cat "$dir/log")"
  if grep -q -- ' -Werror ' "$dir/build/build.ninja"; then echo yes; else echo no; fi
  rm -r "$dir/build"
}

# A compiler of another version warns of more: that stops nobody but who keeps the project.
warnings_are_errors_where_asked() {
  [ "$(configure "")" = no ] || fail "asked by nobody, a warning ends the build"
  [ "$(configure ON)" = yes ] || fail "asked for, a warning does not end the build"
  grep -q '^export NNREC_WERROR=ON$' .ci/run || fail ".ci/run does not ask"
  ! grep -q WERROR CMakePresets.json jobs/*.sh tests/*.sh || fail "more than .ci/run asks"
}

"$case"
cd /
rm -rf "$dir"
