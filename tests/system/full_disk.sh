#!/usr/bin/env bash
# full_disk.sh BIN TEXT DIR: nnrec_prep on a device that takes no more, at many moments. The limit on file sizes
# (which needs no rights and no device of its own) stands for a full disk: the same call fails at the same
# place. Each time: one message, exit code 3, nothing left behind, what was there before unharmed.
set -euo pipefail
bin=$1 text=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir/out"

fail() {
  echo "$1" >&2
  cat "$dir/message" >&2
  exit 1
}

# refused KIBIBYTES WHAT COMMAND...: COMMAND, unable to write longer files, gives up as promised.
refused() {
  local limit=$1 what=$2 result=0
  shift 2
  # Through a pipe: a file that takes the message would be limited too.
  (ulimit -f "$limit" && exec "$@" 2>&1 >/dev/null) | cat >"$dir/message" || result=$?
  [ "$result" -eq 3 ] || fail "$what, limit $limit KiB: exit code $result, not 3"
  [ "$(grep -c . "$dir/message")" -eq 1 ] || fail "$what, limit $limit KiB: not one message"
  grep -q 'too large' "$dir/message" || fail "$what, limit $limit KiB: no reason"
  ! grep -q '\.partial' "$dir/message" || fail "$what, limit $limit KiB: not the name that is wanted"
}

prep=("$bin/nnrec_prep" --input "$text" --output "$dir/out/set" --shard-rows 1000)
"${prep[@]}" >/dev/null
cp -r "$dir/out/set" "$dir/whole"
largest=$(find "$dir/whole" -type f -printf '%k\n' | sort -n | tail -1)
# Every file is longer than 1 KiB; the last limits let the shards through and stop the manifest.
for limit in 0 1 2 3 4 5 6 7 8 $((largest / 2)); do
  [ "$limit" -lt "$((largest - 4))" ] || continue
  refused "$limit" "an older set is there" "${prep[@]}"
  diff -r "$dir/whole" "$dir/out/set"
  rm -r "$dir/out/set"
  refused "$limit" "prep" "${prep[@]}"
  [ -z "$(ls -A "$dir/out")" ] || fail "limit $limit KiB: left behind: $(ls -A "$dir/out")"
  cp -r "$dir/whole" "$dir/out/set"
done
rm -r "$dir/out/set"
(ulimit -f $((largest + 1)) && "${prep[@]}" >/dev/null)
diff -r "$dir/whole" "$dir/out/set"
echo "prep: refused as promised, and done where there is room"
