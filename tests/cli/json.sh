#!/bin/bash
# With --json standard output is one object a line and nothing else; keys and types are what scripts
# were promised, whatever the outcome. What people read goes to standard error.
set -euo pipefail
leaks=1
. "$(dirname "$0")/lib.sh"

write_failing failing.bond
write_clean clean.bond

run_keys='file:text subject:text strategy:text seed:whole runs:whole complete:flag executions:whole first:whole? verdict:text
	object:text? signature:text? trace_hash:text steps:whole outcome:text seconds:number'
same_keys=
for arguments in 'failing.bond' 'clean.bond' 'failing.bond clean.bond' 'failing.bond --save saved' \
	'failing.bond --repeat 3' 'failing.bond --until double_free' 'clean.bond --subject hmm_v3' \
	'failing.bond --strategy portfolio --until leak' 'clean.bond --strategy pos --runs 20' \
	'failing.bond --strategy random --runs 20 --until double_free' \
	'failing.bond --strategy surw --runs 500 --until leak --save saved'; do
	status=0
	timeout -k 5 100 "$bondfuzz" run --json $arguments >"$out" 2>"$err" </dev/null || status=$?
	[ $status -le 1 ] || fail "exit status $status of: run --json $arguments"
	check_json "$out" 1 $run_keys
	keys=$(python3 -c 'import json, sys; print(*json.loads(sys.stdin.readline()))' <"$out")
	expect_equal "$keys" "${same_keys:-$keys}" "keys of: run --json $arguments"
	same_keys=$keys
done
expect_line "$err" '^saved as saved/'

# What each op returned: null where the run ended before it did.
expect_exit 0 "$bondfuzz" run --json clean.bond
python3 - "$out" <<'END'
import json, sys
ops = json.loads(open(sys.argv[1]).readline())["ops"]
assert ops and all(set(op) == {"thread", "op", "returned"} for op in ops), ops
assert all(isinstance(op["returned"], int) for op in ops), ops
END

expect_exit 1 "$bondfuzz" run --json failing.bond --until leak
expect_equal "$(json_value verdict <"$out") $(json_value first <"$out")" 'leak 1'
expect_exit 0 "$bondfuzz" run --json failing.bond --until double_free
expect_equal "$(json_value first <"$out")" None
expect_exit 0 "$bondfuzz" run --json clean.bond
expect_equal "$(json_value verdict <"$out") $(json_value signature <"$out")" 'clean None'

expect_exit 1 "$bondfuzz" run --json failing.bond --strategy random --runs 100 --trials 3
check_json "$out" 1 file:text subject:text strategy:text until:text seed:whole trials:whole \
	found:whole mean:number median:whole max:whole steps_per_run:number seconds:number
expect_equal "$(wc -l <"$out")" 1

{ sed '/^expect/d' clean.bond; printf 'expect: %s\n' clean leak; printf 'expect %s: clean\n' sva nothing
} >mixed.bond
sed '/^expect/d' clean.bond >silent.bond
expect_exit 1 "$bondfuzz" check --json --runs 20 clean.bond failing.bond mixed.bond silent.bond
check_json "$out" 7 file:text on:text expected:text verdict:text? object:text? signature:text? \
	trace_hash:text? steps:whole stale:whole complete:flag ok:flag why:text

expect_exit 2 "$bondfuzz" run --json missing.bond
expect_empty "$out"

list_keys()
{
	expect_exit 0 "$bondfuzz" list "$1" --json
	check_json "$out" "${@:2}"
	expect_empty "$err"
}
list_keys subjects 4 name:text posted:flag help:text
list_keys ops 20 subject:text name:text gives:text operands:text place:text weight:whole help:text
list_keys strategies 8 name:text source:text help:text
list_keys rules 20 name:text place:text invariants:text native:text sentence:text
list_keys invariants 55 invariant:text sentence:text rules:text place:text defects:text
list_keys defects 10 name:text subject:text verdict:text source:text help:text
list_keys events 20 name:text class:text text:text
expect_exit 0 "$bondfuzz" list --help
for table in $(sed -n 's/^Usage: .*\] \([a-z|]*\)$/\1/p' "$out" | tr '|' ' '); do
	list_keys "$table" 1
	rows=$(wc -l <"$out")
	expect_exit 0 "$bondfuzz" list "$table"
	expect_equal "$(wc -l <"$out")" $((rows + 1)) "$table: a head and as many rows"
done

expect_exit 0 "$bondfuzz" bench --json --time 2 clean.bond failing.bond
check_json "$out" 3 name:text runs_per_second:number steps_per_run:number
expect_empty "$err"
tail -n 1 "$out" >total
check_json total 1 name:text runs_per_second:number steps_per_run:number step_ns:number \
	run_overhead_ns:number switch_ns:number fuzz_runs_per_second:number \
	empty_target_runs_per_second:number
expect_equal "$(json_value name <total)" total

expect_exit 1 "$bondfuzz" fuzz --json --subject hmm_v3 --time 3 --out out
expect_line "$err" '^found '
sed '$d' "$out" >findings
tail -n 1 "$out" >summary
check_json findings 2 signature:text verdict:text object:text file:text runs:whole seconds:number
check_json summary 1 summary:flag runs:whole seconds:number findings:whole
# What may follow from another finding is counted apart.
expect_equal "$(($(json_value findings <summary) + $(json_value following <summary) + $(json_value akin <summary)))" "$(wc -l <findings)" \
	'findings in the summary'
expect_equal "$(find . -maxdepth 1 -name '*-*')" '' 'something was written beside --out'
