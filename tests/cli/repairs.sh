#!/bin/bash
# The repairs that the mails argue about: every row of fix.def is held by a program, and either way.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/lib.sh"

rows=$(sed -n 's/^FIX(\([a-z0-9_]*\),.*/\1/p' "$root/src/posted/fix.def")
[[ $(wc -w <<<"$rows") -ge 8 ]] || fail 'the table was not read'
files=
for row in $rows; do
	found=$(grep -l "^expect $row: " "$root"/corpus/scenario/*.bond) || fail "no program tries $row"
	files+=" $found"
done
expect_exit 0 "$bondfuzz" check --runs 20000 $(tr ' ' '\n' <<<"$files" | sort -u)

# The alarm: what is predicted to be repaired is not expected to fail, nor the other way round.
cp "$root/corpus/scenario/2015-device-race-repairs.bond" right.bond
sed 's/^expect hmm_v3_counts_device: clean/expect hmm_v3_counts_device: dead_use device0/' right.bond >broken.bond
sed 's/^expect hmm_v3_synchronizes_rcu: dead_use device0/expect hmm_v3_synchronizes_rcu: clean/' right.bond >repaired.bond
for file in broken repaired; do
	expect_exit 1 "$bondfuzz" check --runs 0 $file.bond
	expect_line "$out" 'fix.def predicts otherwise'
	expect_line "$out" '5 passed, 1 failed'
done
