#!/bin/bash
# Every derived statement has its finding, every finding its section, and each still comes.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/lib.sh"

findings() # CODE SOURCE PAGE
{
	expect_exit "$1" "$root/ci/findings-doc" --check "$bondfuzz" "$(realpath "$2")" "$(realpath "$3")"
}

# What SPEC and BUGS mark as derived; SPEC's two are C08 (1.3) and S15 (1.4 d).
derived='C08 C09 S15 S03 S07 S08 S17 S18 S19 S20 S21 H03 H09 U02 U05'
source=$root/docs/findings.in
page=$root/docs/FINDINGS.md
expect_equal "$(sed -n 's/^\[\(...\)\]$/\1/p' "$source" | xargs)" "$derived"
for id in $derived; do
	grep -q "^## $id: " "$page" || fail "$id has no section"
	grep -q "^| \[$id\](#" "$page" || fail "$id is not in the table at the top"
done
findings 0 "$source" "$page"
expect_line "$out" '^15 findings have their sections'

# The alarm: a section that is missing, a verdict that does not come, a field that is missing.
grep -v '^## S17: ' "$page" >short.md
findings 1 "$source" short.md
expect_line "$err" 'does not have the sections of its source'
sed '/2020-reader-outlives/s/--subject sva_v4 /--subject sva /' "$source" >repaired.in
findings 1 repaired.in "$page"
expect_line "$err" 'does not show dead_use:io_mm any more'
sed '/failed-attach/s/--subject sva_v4 /--subject sva /' "$source" >unseen.in
findings 1 unseen.in "$page"
expect_line "$err" 'does not find pasid_live:context any more'
sed '/^contract: synchronize_srcu/,/^sure:/{/^sure:/!d}' "$source" >silent.in
findings 1 silent.in "$page"
expect_line "$err" 'C09 has no contract'
