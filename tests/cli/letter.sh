#!/bin/bash
# The letter fits on a page, says the same in each format, and knows which step made it inevitable.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/lib.sh"

race=$root/corpus/scenario/2015-device-race-as-drawn.bond

# letter ARGUMENT...: of a run that fails, without what stands before it
letter()
{
	expect_exit 1 "$bondfuzz" run "$@"
	sed -n '/^[a-z_]*\(: .*\)\? - /,/^  see it again: /p' "$out" >letter.txt
	[ -s letter.txt ] || fail "no letter: run $*"
}

# ---- at most 30 lines, of every bug that there is; what a race's stacks say counts as lines ----

has_defects=true
if ! "$bondfuzz" run --defect hmm_mirror_destroy_keeps_hmm "$race" >"$out" 2>&1 && grep -q 'this build has none' "$out"; then
	has_defects=false
fi
"$bondfuzz" list defects --json | python3 -c 'import json, sys
for line in sys.stdin:
    print(json.loads(line)["name"])' >defects

lines_of() # FILE ARGUMENT...
{
	local lines
	expect_exit 1 "$bondfuzz" run "$@"
	lines=$(printf '%s\n' "$(sed '1,2d; /report of .*Sanitizer, from/,$d' "$out")" | wc -l)
	[ "$lines" -le 30 ] || fail "a letter of $lines lines: run $*"
	[ "$(sed '1,2d; /see it again/,$d' "$out" | wc -L)" -le 100 ] || fail "a letter too wide for a mail: run $*"
	[ "$(sed '1,2d' "$out" | grep -c '\^\^\^\|^  later')" -ge 1 ] || fail "a letter that shows nothing: run $*"
	told=$((told + 1))
}

told=0
for file in "$root"/corpus/zoo/*.bond "$root"/corpus/scenario/*.bond; do
	while read -r _ on verdict _; do
		on=${on%:}
		[ "$verdict" = clean ] && continue
		if ! grep -qx "$on" defects; then
			lines_of "$file" --subject "$on"
		elif $has_defects && [[ $file = */corpus/zoo/* ]]; then
			lines_of "$file" --defect "$on"
		fi
	done < <(grep '^expect [a-z0-9_]*: ' "$file")
done
$has_defects && least=130 || least=10
[ "$told" -ge "$least" ] || fail "only $told letters"
echo "$told letters of at most 30 lines"

# ---- what stands in it ----

letter "$race" --subject hmm_v3
expect_line letter.txt '^ *Thread A (file close, device removal) *Thread B (process exit)$'
expect_line letter.txt 'hmm_mirror_kill: down_write(&hmm->rwsem)  // waits for B$'
expect_line letter.txt 'kref_put(&mirror->kref, hmm_mirror_destroy)  // 2 -> 1$'
expect_line letter.txt '^> *[0-9]* *op_device_free: kfree(device)$'
expect_line letter.txt '^  device0: allocated op_hmm_device_register() hmm.c:[0-9]*; freed A.3 op_device_free() hmm.c:[0-9]*$'
expect_line letter.txt ' \^\^\^ dead_use: device0$'
! grep -q '0x[0-9a-f]' letter.txt || fail 'an address in a letter'
letter "$race" --subject hmm_v3 --lines 20
[ "$(wc -l <letter.txt)" -le 20 ] || fail '--lines 20 has more'
letter "$race" --subject hmm_v3 --all
[ "$(wc -l <letter.txt)" -gt 80 ] || fail '--all leaves something out'
expect_exit 2 "$bondfuzz" run "$race" --lines 3

# The count of the object that leaks, from the first to the last.
write_failing failing.bond
letter failing.bond --until leak:hmm
expect_line letter.txt '^leak: hmm - '
letter failing.bond --strategy portfolio --until callback_after_unregister:mirror
expect_line letter.txt '^    counts: hmm_mirror_register 1, + hmm_link 2, - '

# The mails' steps in their order.
expect_exit 0 "$root/ci/letters-doc" --check "$bondfuzz"
expect_line "$out" 'letters have their mail.s steps in their order'

# ---- the pivot: the same on every call, and where the curve says that it is ----

expect_exit 1 "$bondfuzz" run "$race" --subject hmm_v3 --json --blame
cp "$out" first.json
expect_exit 1 "$bondfuzz" run "$race" --subject hmm_v3 --json --blame
expect_equal "$(sed 's/"seconds":[^,]*//' "$out")" "$(sed 's/"seconds":[^,]*//' first.json)"
check_json first.json 1 pivot:whole steepest:whole
python3 - first.json <<-'END' || fail 'the curve and the pivot do not agree'
	import json, sys
	row = json.loads(open(sys.argv[1]).read())
	share = {point["step"]: point["share"] for point in row["blame"]}
	assert share[0] < 0.2 and all(0 <= s <= 1 for s in share.values())
	assert all((s == 1) == (step >= row["pivot"]) for step, s in share.items()), share
	assert row["pivot"] <= row["steps"] and len(row["blame"]) > 20
	assert [e["kind"] for e in row["events"]][-1] == "verdict"
	pivot = [e for e in row["events"] if e["step"] == row["pivot"] and e["kind"] == "free"]
	assert pivot and pivot[0]["words"] == "kfree(device)" and pivot[0]["file"] == "src/subject/core/hmm.c" and pivot[0]["line"] > 0
	steps = [e["step"] for e in row["events"]]
	assert steps == sorted(steps) and len(steps) < 40
	END
expect_exit 1 "$bondfuzz" run "$race" --subject hmm_v3 --blame
expect_line "$out" '^> *[0-9]* 100 % #* A *op_device_free: kfree(device)$'
expect_line "$out" '^     0   [0-9] % * *the threads start$'
# Asking changes nothing: not the trace, nor what is saved.
expect_equal "$(json_value trace_hash <first.json)" "$(NO_COLOR=1 "$bondfuzz" run "$race" --subject hmm_v3 --json --quiet | json_value trace_hash)"
expect_exit 1 "$bondfuzz" run failing.bond --strategy surw --until dead_use:device --blame --save saved
expect_line "$out" 'made the verdict inevitable'
expect_exit 0 "$bondfuzz" check saved
# A leak on every schedule: nobody is to blame.
expect_exit 1 "$bondfuzz" run failing.bond --until leak --json
expect_equal "$(json_value pivot <"$out")" None

# ---- formats ----

expect_exit 1 "$bondfuzz" run "$race" --subject hmm_v3 --format md
expect_line "$out" '^### dead_use: device0$'
expect_equal "$(grep -c '^```' "$out")" $(( $(grep -c '^```' "$out") / 2 * 2 )) 'fences that are closed'
expect_line "$out" '^A: device_free device0$'
[ "$(sed '/see it again/,$d' "$out" | wc -L)" -le 100 ] || fail 'wider than a mail'
expect_line "$err" ': dead_use on hmm_v3'
expect_exit 1 "$bondfuzz" run "$race" --subject hmm_v3 --format html
cp "$out" letter.html
python3 - letter.html <<-'END' || fail 'the timeline is no SVG'
	import re, sys
	import xml.etree.ElementTree as tree
	page = open(sys.argv[1]).read()
	assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
	assert not re.search(r"<script|(src|href)=", page), "it needs something else"
	svg = tree.fromstring(re.search(r"<svg.*</svg>", page, re.S).group(0))
	words = ["".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")]
	assert "Thread B (process exit)" in words and "^^^ dead_use: device0" in words
	assert "inevitable from here on" in words
	right = float(svg.get("width"))
	assert all(0 <= float(t.get("x")) < right for t in svg.iter("{http://www.w3.org/2000/svg}text"))
	tree.fromstring(re.search(r"<section.*</section>", page, re.S).group(0))
	END
expect_exit 2 "$bondfuzz" run "$race" --format pdf
expect_line "$err" 'text, md or html'
