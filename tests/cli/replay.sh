#!/bin/bash
# What was seen is seen again: by pasting the letter's last line, from the saved program, a thousand
# times in one process, and wherever the process is loaded.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# The same again: verdict, signature, trace.
seen()
{
	python3 -c 'import json, sys
row = json.loads(sys.stdin.readline())
print(row["subject"], row["verdict"], row["object"], row["signature"], row["trace_hash"], row["steps"])'
}

# pastes_back ARGUMENT...: of a run that fails; the line is run by a shell in a process of its own
pastes_back()
{
	local first line
	expect_exit 1 "$bondfuzz" run --json "$@"
	first=$(seen <"$out")
	expect_exit 1 "$bondfuzz" run "$@"
	line=$(sed -n '/^  see it again: /,$s/^  see it again: //p' "$out")
	[ -n "$line" ] || fail "no line to paste: run $*"
	expect_exit 1 bash -c "$line --json"
	expect_equal "$(seen <"$out")" "$first" "$line"
}

write_failing failing.bond
write_clean clean.bond
awkward='a "name" of it'\''s own $(touch ran) \ *.bond'
cp failing.bond "$awkward"
cp failing.bond ./-s.bond

pastes_back failing.bond
pastes_back clean.bond --subject hmm_v3
pastes_back "$awkward"
pastes_back -- -s.bond
pastes_back "$PWD/failing.bond" --until leak --no-failures
pastes_back failing.bond --strategy random --until leak
pastes_back "$awkward" --strategy pos --seed 5 --until missed_release
pastes_back failing.bond --strategy portfolio --until callback_after_unregister:mirror
pastes_back clean.bond --subject hmm_v3 --strategy surw --until dead_use:device
pastes_back failing.bond --strategy surw --until dead_use:device --unlock queued
[ ! -e ran ] || fail 'a name was run'

# A saved program stands for itself: plain run in a fresh process, and check.
saves()
{
	local first file
	rm -rf saved
	expect_exit 1 "$bondfuzz" run --json --save saved "$@"
	first=$(json_value signature <"$out")
	file=$(echo saved/*.bond)
	[ -f "$file" ] || fail "not one program: $file"
	expect_exit 1 "$bondfuzz" run --json "$file"
	expect_equal "$(json_value signature <"$out")" "$first" "$file"
	expect_equal "$(json_value stale <"$out")" 0 "stale anchors of $file"
	expect_exit 0 "$bondfuzz" check "$file"
	grep -q "^# $first" "$file" || fail "$file does not say what it shows"
	expect_equal "$(ls -A saved | wc -l)" 1 'files beside it'
}
saves failing.bond
saves clean.bond --subject hmm_v3 --strategy random
saves failing.bond --strategy portfolio --until leak
saves failing.bond --strategy pos --until missed_release
saves failing.bond --strategy surw --until callback_after_unregister
saves failing.bond --strategy surw --until dead_use:device

# A thousand times in one process: bondfuzz compares them itself, and says so with status 3.
cp saved/*.bond race.bond
expect_exit 1 "$bondfuzz" run --json race.bond
first=$(seen <"$out")
expect_exit 1 "$bondfuzz" run --json --repeat 1000 race.bond
expect_equal "$(seen <"$out")" "$first" '1000 times'
expect_exit 1 "$bondfuzz" run --json --repeat 100 failing.bond --strategy surw --until dead_use:device
expect_exit 0 "$bondfuzz" run --json --repeat 100 clean.bond --strategy portfolio --runs 20

# Addresses differ from process to process; nothing that is told may.
for i in 1 2 3 4 5; do
	expect_exit 1 "$bondfuzz" run --json race.bond
	expect_equal "$(seen <"$out")" "$first" 'in a fresh process'
done
if setarch -R true 2>/dev/null; then
	expect_exit 1 setarch -R "$bondfuzz" run --json race.bond
	expect_equal "$(seen <"$out")" "$first" 'without address randomisation'
else
	echo 'skipped: setarch -R is not allowed here'
fi
