#!/bin/bash
# report_in_browser.sh BIN BROWSER SET DIR: the page of nnrec_report in a headless Chromium: no message on its console,
# a line for every variant, values where the cursor keys are; both themes and a telephone's width are drawn.
# DIR keeps the pictures.
set -euo pipefail
bin=$1 browser=$2 set=$3 dir=$4
rm -rf "$dir"
mkdir -p "$dir"
fail() {
  echo "$1" >&2
  exit 1
}

"$bin/nnrec_dist" --data "$set" --variant all --epochs 2 --run "$dir/published" >"$dir/log"
"$bin/nnrec_dist" --data "$set" --preset tuned --variant basic --epochs 3 --run "$dir/tuned" >>"$dir/log"
"$bin/nnrec_report" "$dir/published" "$dir/tuned" --html "$dir/report.html" >>"$dir/log"

# browse PAGE ARGUMENT...: what the browser prints; stops at a line of the page's console.
browse() {
  local page=$1
  shift
  timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/profile" --hide-scrollbars \
    --enable-logging=stderr --v=0 "$@" "file://$page" 2>"$dir/browser.log" || fail "$(tail -3 "$dir/browser.log")"
  ! grep CONSOLE "$dir/browser.log" >&2 || fail "$page: a message on the console"
}

# That such messages are seen at all.
echo '<script>nowhere();</script>' >"$dir/wrong.html"
if (browse "$dir/wrong.html" --dump-dom) >/dev/null 2>&1; then fail "an error of a script was not seen"; fi

browse "$dir/report.html" --dump-dom >"$dir/dom"
variants=$(awk -F, 'NR > 1 {print $1}' "$dir/published/history.csv" | sort -u)
[ "$(wc -w <<<"$variants")" -ge 6 ]
for variant in $variants "basic (tuned)"; do
  [ "$(grep -c "<title>$variant, measured: " "$dir/dom")" -eq 2 ] || fail "$variant has no line in both charts"
done

# What the readout says of the second epoch stands in the history.
sed 's|</body>|<script>const svg = document.querySelector("svg.wide"); svg.focus();\
svg.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));</script></body>|' "$dir/report.html" >"$dir/hover.html"
browse "$dir/hover.html" --dump-dom --window-size=1200,900 >"$dir/hover.dom"
readout=$(grep -o '<div class="readout".*' "$dir/hover.dom")
value=$(awk -F, '$1 == "one_layer" && $2 == 2 {printf "%.4f", $6}' "$dir/published/history.csv")
grep -q "<caption>epoch 2</caption>.*one_layer, measured</td><td>$value<" <<<"$readout" || fail "no values: $readout"

echo '<body style="margin:0"><iframe src="report.html" style="width:375px;height:1600px;border:0"></iframe>' >"$dir/phone.html"
browse "$dir/report.html" --window-size=1100,3000 --screenshot="$dir/light.png"
browse "$dir/report.html" --window-size=1100,3000 --blink-settings=preferredColorScheme=0 --screenshot="$dir/dark.png"
browse "$dir/phone.html" --window-size=400,1600 --screenshot="$dir/phone.png"
# shellcheck disable=SC2016 # the page's script, not the shell's
sed 's|</body>|<script>const box = document.documentElement;\
document.title = `${box.scrollWidth} of ${innerWidth}`;</script></body>|' "$dir/report.html" >"$dir/narrow.html"
sed -i 's/report.html/narrow.html/' "$dir/phone.html"
sed -i 's|$|<script>onload = () => { document.title = frames[0].document.title; };</script>|' "$dir/phone.html"
browse "$dir/phone.html" --allow-file-access-from-files --dump-dom >"$dir/phone.dom"
grep -q '<title>375 of 375</title>' "$dir/phone.dom" || fail "wider than a telephone: $(grep -o '<title>.*</title>' "$dir/phone.dom")"
cmp -s "$dir/light.png" "$dir/dark.png" && fail "both themes look the same"
rm -r "$dir/profile"
echo "$(wc -w <<<"$variants") variants, no message, pictures in $dir"
