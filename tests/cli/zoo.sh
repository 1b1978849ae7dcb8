#!/bin/bash
# The zoo: figures for each defect in builds that have them, elsewhere a message and status 2.
set -euo pipefail
corpus=$(realpath "$(dirname "$0")/../../corpus/zoo")
. "$(dirname "$0")/lib.sh"

easy=hmm_mirror_destroy_keeps_hmm
hard=sva_disable_hurries

if ! "$bondfuzz" run --defect $easy "$corpus/$easy.bond" >"$out" 2>&1 && grep -q 'this build has none' "$out"; then
	expect_exit 2 "$bondfuzz" zoo --corpus "$corpus"
	expect_empty "$out"
	expect_line "$err" 'this build has no defects'
	exit 0
fi

zoo() # CODE ARGUMENT...
{
	local code=$1
	shift
	expect_exit "$code" "$bondfuzz" zoo --corpus "$corpus" --defect $easy --defect $hard --trials 3 "$@"
}

zoo 0 --json
check_json "$out" 2 defect:text strategy:text trials:whole found:whole mean:number median:whole \
	max:whole reached:whole triggered:whole detected:whole verdict:text steps:number runs:whole \
	compared:whole shape:text
expect_empty "$err"
expect_equal "$(wc -l <"$out")" 2 'one row a defect'
python3 - "$out" <<-'END' || fail 'the figures contradict each other'
import json, sys
easy, hard = [json.loads(line) for line in open(sys.argv[1])]
assert (easy["shape"], hard["shape"]) == ("sequential", "concurrent")
for row in easy, hard:
    assert row["strategy"] == "portfolio" and row["trials"] == row["found"] == row["detected"] == 3
    assert row["detected"] <= row["triggered"] <= row["reached"] <= row["runs"]
    assert row["triggered"] <= row["compared"] <= row["runs"]
    assert row["median"] <= row["max"] and row["mean"] <= row["max"]
    assert len(row["each"]) == 3 and max(row["each"]) == row["max"] and sum(row["each"]) == row["runs"]
END
cp "$out" first
zoo 0 --json --jobs 1
cmp -s first "$out" || fail 'the figures depend on the number of processes'

zoo 0
expect_line "$out" '^sequential '
expect_line "$out" '^concurrent '
expect_line "$out" '^portfolio: 2 of 2 defects found in every trial$'

# Side by side, and among others: each trial has a program of its own.
zoo 0 --json --embedded --strategy portfolio --strategy random
python3 - "$out" <<-'END' || fail 'the figures of embedded programs contradict each other'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert [row["strategy"] for row in rows] == ["portfolio", "random"] * 2
assert all(row["found"] == 3 for row in rows if row["strategy"] == "portfolio")
plain = [json.loads(line) for line in open("first")]
assert all(e["steps"] > p["steps"] for e, p in zip(rows[::2], plain)), "nothing was put beside them"
END

# One run is too few for a race.
zoo 1 --runs 1
expect_line "$out" "^$hard  *portfolio  *0/3 "
expect_line "$out" '^portfolio: 1 of 2 defects found in every trial$'

expect_exit 2 "$bondfuzz" zoo
expect_line "$err" 'no such folder'
expect_exit 2 "$bondfuzz" zoo --corpus .
expect_line "$err" "\.bond"
expect_exit 2 "$bondfuzz" zoo --corpus "$corpus" --defect nonsense
expect_line "$err" "no defect 'nonsense'"
expect_exit 2 "$bondfuzz" zoo --corpus "$corpus" --trials 0
mkdir changed
sed '/^expect [a-z]/d' "$corpus/$easy.bond" >changed/$easy.bond
expect_exit 2 "$bondfuzz" zoo --corpus changed --defect $easy
expect_line "$err" "no line 'expect $easy: VERDICT'"

# An interrupt keeps what is there.
"$bondfuzz" zoo --corpus "$corpus" --defect $easy --defect $hard --runs 1000000 --trials 100000 --jobs 2 \
	--json >"$out" 2>"$err" </dev/null &
sleep 1
kill -INT $!
got=0
wait $! || got=$?
expect_equal "$got" 1 'status of an interrupted measurement'
expect_empty "$err"
check_json "$out" 1 defect:text trials:whole found:whole

if command -v gnuplot >/dev/null; then
	zoo 0 --svg curves
	grep -q "$hard" curves/portfolio.svg || fail 'no curve of that name'
else
	zoo 2 --svg curves
	expect_line "$err" 'gnuplot'
fi

# One bug, one finding: every trial ends as the same small program.
zoo 0 --signatures --json
check_json "$out" 2 defect:text subject:text trials:whole found:whole lines:whole switches:whole proved:whole seconds:number
expect_line "$err" '^2 of 2 defects have one signature in 95 % of their findings, .*; 0 pairs'
python3 - "$out" <<-'END' || fail 'the signatures contradict each other'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert all(list(row["signatures"].values()) == [3] for row in rows), rows
assert all(row["lines"] <= 20 for row in rows), rows
assert rows[0]["signatures"].keys().isdisjoint(rows[1]["signatures"])
END
zoo 0 --signatures
expect_line "$out" "^$hard  *3/3 .* dead_use:device@"
# The alarm: what could not be found has no signature.
zoo 1 --signatures --runs 1
expect_line "$err" '^[01] of 2 defects have one signature'

# Where a hang is expected, each of its runs has the short bound; the other needs minutes.
hangs=umem_take_back_rounds_range
expect_exit 0 timeout 60 "$bondfuzz" check "$corpus/$hangs.bond"
expect_exit 0 timeout 60 "$bondfuzz" zoo --corpus "$corpus" --defect $hangs --trials 3
# A campaign whose time ends while a hang is confirmed keeps it.
! whole || expect_exit 1 "$bondfuzz" fuzz --subject counter --defect $hangs --until hang --time 1 --out late
! whole || expect_equal "$(ls late/findings | wc -l)" 1
