#!/bin/bash
# The targets for outside engines, with libFuzzer: a finding ends the process and is told whole, what
# is known is passed by, and processes share one corpus.
#
# usage: engines.sh BONDFUZZ FOLDER     FOLDER: of fuzz_hmm and fuzz_hmm_v3
set -euo pipefail
targets=$(realpath "$2")
. "$(dirname "$0")/cli/lib.sh"
flags=(-max_len=16384 -len_control=0 -timeout=120 -rss_limit_mb=0)
export TSAN_OPTIONS=exitcode=0 # posted cores race, too

# fuzz LOG ARGUMENT...: the posted HMM; must end with a finding
fuzz()
{
	local log=$1 status=0
	shift
	timeout -k 5 200 "$targets/fuzz_hmm_v3" "${flags[@]}" "$@" >"$log" 2>&1 </dev/null || status=$?
	[ "$status" != 0 ] && [ "$status" != 124 ] || fail "nothing was heard, status $status"
	grep -q '^finding: ' "$log" || { tail -30 "$log"; fail 'no finding on stderr'; }
}

finding_of() { sed -n 's/^finding: //p' "$1"; }

# The verdict that was asked for; what is printed is a program that bondfuzz repeats.
mkdir corpus
BONDFUZZ_UNTIL=callback_after_unregister fuzz log -seed=1 -artifact_prefix=here- corpus
signature=$(finding_of log)
[[ $signature == callback_after_unregister:mirror* ]] || fail "that was not asked for: $signature"
grep -q '\^\^\^ callback_after_unregister: mirror' log || fail 'no letter'
sed -n '/^----- program -----$/,/^----- end -----$/p' log | sed '1d;$d' >told.bond
expect_exit 1 "$bondfuzz" run told.bond --until callback_after_unregister --json
expect_equal "$(json_value signature <"$out")" "$signature"
crash=$(echo here-crash-*)
[ -f "$crash" ] || fail 'the input was not kept'
BONDFUZZ_UNTIL=callback_after_unregister fuzz log "$crash"
expect_equal "$(finding_of log)" "$signature" 'the input, repeated'

# One bug does not hide the next.
for seed in 1 2 3 4; do
	BONDFUZZ_KNOWN=known fuzz log -seed=$seed corpus
	expect_equal "$(finding_of log)" "$(tail -1 known)"
done
expect_equal "$(sort -u known | wc -l)" 4 'findings of four campaigns'

expect_exit 2 env BONDFUZZ_UNTIL=leek "$targets/fuzz_hmm_v3" -runs=10
expect_line "$err" 'BONDFUZZ_UNTIL=leek'
expect_exit 2 env BONDFUZZ_DEFECT=nonsense "$targets/fuzz_hmm_v3" -runs=10
expect_line "$err" 'BONDFUZZ_DEFECT=nonsense'

# Two processes, one folder: each sees what the other one keeps.
mkdir shared
for seed in 1 2; do
	"$targets/fuzz_hmm" "${flags[@]}" -reload=1 -seed=$seed -max_total_time=300 shared >"log$seed" 2>&1 </dev/null &
	process[seed]=$!
done
trap 'kill -KILL "${process[@]}" 2>/dev/null || :; rm -rf "$scratch"' EXIT
for ((i = 0; i < 600; i++)); do
	! grep -qs RELOAD log1 || ! grep -qs RELOAD log2 || break
	sleep 0.2
done
kill -KILL "${process[@]}"
wait "${process[@]}" 2>/dev/null || :
for seed in 1 2; do
	grep -q RELOAD log$seed || { tail -5 log$seed; fail "process $seed took nothing from the other"; }
	! grep -q '^finding' log$seed || fail 'a finding on a clean subject'
done

# A campaign of bondfuzz fuzz takes what others keep in its corpus: its generator never draws litmus_free.
mkdir taken
"$bondfuzz" fuzz --subject litmus --until dead_use --time 200 --out campaign --corpus taken >"$out" 2>"$err" </dev/null &
process=($!)
for ((i = 0; i < 600; i++)); do
	[ -z "$(ls -A taken)" ] || break
	sleep 0.2
done
cat >brought.bond <<-'END'
bondfuzz 1
subject litmus
mirror0 = litmus_mirror shared
A: litmus_set mirror0
B: litmus_free mirror0
END
mv brought.bond taken/brought
status=0
wait "${process[0]}" || status=$?
expect_equal $status 1 'exit status of a campaign that was brought a program'
expect_line "$err" '^found dead_use:'
