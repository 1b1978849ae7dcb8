#!/bin/bash
# A campaign that is interrupted ends cleanly, and what it found lies there as programs that fail
# again; the next campaign goes on from the same corpus.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# wait_for SECONDS COMMAND...: until it holds
wait_for()
{
	local i
	for ((i = $1 * 10; i > 0; i--)); do
		"${@:2}" && return
		sleep 0.1
	done
	return 1
}

ended() { ! kill -0 "$1" 2>/dev/null; }
nobody_of() { ! kill -0 -- "-$1" 2>/dev/null; }
found_both() { grep -q '^found leak:' "$err" && grep -q '^found missed_release:' "$err"; }

: >"$err"

# As Ctrl-C in a terminal does it, to the whole group: the child that fuzzes gets it too.
setsid "$bondfuzz" fuzz --subject hmm_v3 --time 80 --out first --corpus corpus >"$out" 2>"$err" &
campaign=$!
trap 'kill -KILL -- -$campaign 2>/dev/null || :; rm -rf "$scratch"' EXIT
wait_for 60 found_both || fail "no leak and missed_release in 60 s: $(cat "$err")"
sleep 1
kill -INT -- -$campaign
wait_for 10 ended $campaign || fail 'it goes on after an interrupt'
status=0
wait $campaign || status=$?
expect_equal $status 130 'exit status after an interrupt'
expect_line "$out" '^hmm_v3: .* runs in .* findings*'
expect_line "$out" 'op x state'
! grep -q process_died "$out" || fail 'the interrupt was taken for a finding'
wait_for 10 nobody_of $campaign || fail 'something of it still runs'

# Each finding once; each replays and is worth keeping.
expect_equal "$(sed -n 's/^found \([^ ]*\) .*/\1/p' "$err" | sort | uniq -d)" '' 'told twice'
for verdict in leak missed_release; do
	ls first/findings/$verdict-*/minimal.bond >/dev/null || fail "no program of $verdict"
done
for file in first/findings/*/*.bond; do
	expect_exit 1 "$bondfuzz" run --json "$file"
	grep -q "^# $(json_value signature <"$out")" "$file" || fail "$file shows something else"
done
expect_exit 0 "$bondfuzz" check first/findings
expect_equal "$(find . -mindepth 1 -maxdepth 1 | sort | tr '\n' ' ')" './corpus ./first '

# The corpus is read and kept.
[ -n "$(ls corpus)" ] || fail 'no corpus was kept'
kept=$(ls corpus | sort)
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --time 3 --out second --corpus corpus
expect_line "$out" '^hmm_v3: '
! grep -q process_died "$out" || fail 'the second campaign died'
expect_exit 0 "$bondfuzz" check second/findings
expect_equal "$(comm -23 <(echo "$kept") <(ls corpus | sort))" '' 'lost from the corpus'

# An interrupt before anything is found is no finding.
"$bondfuzz" fuzz --subject hmm --time 80 --out third --json >"$out" 2>"$err" &
campaign=$!
trap 'kill -KILL $campaign 2>/dev/null || :; rm -rf "$scratch"' EXIT
sleep 2
kill -INT $campaign
wait_for 10 ended $campaign || fail 'it goes on after an interrupt'
status=0
wait $campaign || status=$?
expect_equal $status 130 'exit status of a clean subject'
check_json "$out" 1 summary:flag findings:whole
expect_equal "$(json_value findings <"$out")" 0

# What could not be kept is not begun.
for folder in first/fuzz.log first/fuzz.log/below /proc/nowhere; do
	expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --time 3 --out $folder
	expect_line "$err" "^bondfuzz: $folder: "
done
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --time 3 --out fourth --corpus first/fuzz.log
expect_line "$err" '^bondfuzz: first/fuzz.log: '
mkdir taken taken/fuzz.log
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --time 3 --out taken
expect_line "$err" '^bondfuzz: taken: '
