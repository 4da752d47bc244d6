#!/bin/bash
# expect_exit.sh CODE COUNT TEXT COMMAND...: passes when COMMAND ends with CODE and exactly COUNT lines
# of its output contain TEXT (COUNT "some": one or more). ctest alone looks at one of the two.
code=$1 count=$2 text=$3
shift 3
output=$("$@" 2>&1)
result=$?
printf '%s\n' "$output"
found=$(grep -cF -- "$text" <<<"$output")
[ "$count" = some ] && [ "$found" -gt 0 ] && count=$found
if [ "$result" -ne "$code" ] || [ "$found" -ne "$count" ]; then
  echo "expected exit code $code and $count lines with \"$text\"; got $result and $found"
  exit 1
fi
