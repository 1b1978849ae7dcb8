#!/bin/bash
# check --ktap: the plan and the numbers fit, a good file is ok, a bad expectation and a text that is no
# program are not.
set -euo pipefail
corpus=$(realpath "$(dirname "$0")/../../corpus")
. "$(dirname "$0")/lib.sh"

expect_exit 0 "$bondfuzz" check --ktap --runs 10 "$corpus/found"
expect_equal "$(head -n 1 "$out")" 'KTAP version 1'
results=$(grep -c '^ok [0-9]* \|^not ok [0-9]* ' "$out")
expect_equal "$(sed -n 2p "$out")" "1..$results"
expect_equal "$(grep -c '^not ok' "$out" || true)" 0 'results that are not ok'
expect_equal "$(grep -o '^ok [0-9]*' "$out" | tail -n 1)" "ok $results"

file=$(find "$corpus/scenario" -name '*.bond' | xargs grep -l '^expect: clean' | sort | sed -n 1p)
sed 's/^expect: clean/expect: leak/' "$file" >'bad #1.bond'
echo nonsense >worse.bond
expect_exit 2 "$bondfuzz" check --ktap --runs 10 'bad #1.bond' worse.bond
expect_line "$out" '^not ok [0-9]* bad %1.bond: .*leak'
expect_line "$out" '^not ok [0-9]* worse.bond: is read$'
grep '^ok\|^not ok' "$out" | grep -v SKIP | grep '#' >/dev/null && fail 'a # that is no directive'
expect_exit 2 "$bondfuzz" check --ktap --json worse.bond
exit 0
