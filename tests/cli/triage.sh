#!/bin/bash
# Triage: one row a signature over all campaigns below a folder, for people and for tools; and does
# what was found still hold?
set -euo pipefail
leaks=1
tests=$(realpath "$(dirname "$0")")
. "$tests/lib.sh"

fuzz() { expect_exit "$1" "$bondfuzz" fuzz --subject "$2" --runs "$3" --seed "$4" --out "$5"; }
mkdir -p many/night1 many/night2/deeper
fuzz 1 hmm_v3 20000 1 many/night1/hmm_v3
fuzz 1 hmm_v3 20000 2 many/night2/deeper/hmm_v3
fuzz 0 hmm 300 1 many/night2/hmm
kept=$(ls -d many/night*/{,*/}hmm*/findings/*/ | wc -l)

# ---- the table ----

expect_exit 1 "$bondfuzz" triage many
expect_empty "$err"
expect_line "$out" '^signature .* seen  campaigns  first seen  .*file to replay'
expect_line "$out" "^leak:hmm@hmm_create  *[0-9]*  *2  20..-..-..T..:..:..Z  hmm_v3 .*many/night.*minimal.bond$"
signatures=$(cat many/night*/{,*/}hmm*/findings/*/finding.json | sed -n 's/^  "signature": "\(.*\)",/\1/p' | sort -u)
expect_equal "$(sed -n '2,/^$/s/^\([^ ][^ ]*\)  .*/\1/p' "$out" | sort)" "$signatures"
expect_line "$out" "^$(wc -l <<<"$signatures") signatures in $kept findings of 3 campaigns"
expect_exit 0 "$bondfuzz" triage many/night2/hmm
expect_line "$out" '^0 signatures in 0 findings of 1 campaign'
expect_exit 1 "$bondfuzz" triage many/night1/hmm_v3/ many/night1 many
expect_line "$out" "in $kept findings of 3 campaigns"

# What may belong to another signature is told under its row.
cp -r many/night1 related
sed -i '/^  "\(follows\|akin\)":/d' related/hmm_v3/findings/*/finding.json
expect_exit 1 "$bondfuzz" triage related
! grep -q ' may ' "$out" || fail 'all of these stand alone'
json=$(ls -d related/hmm_v3/findings/*/finding.json | sed -n '1p')
sed -i 's/^  "ops":/  "follows": "warn:none@first",\n  "ops":/' "$json"
expect_exit 1 "$bondfuzz" triage related
expect_line "$out" '^  it may follow from warn:none@first, which comes first in each run known$'
expect_line "$out" '; 1 may belong to another signature$'
sed -i 's/"follows": "warn/"akin": "warn/' "$json"
expect_exit 1 "$bondfuzz" triage related
expect_line "$out" '^  it may be the same bug as warn:none@first$'
rm -r related

# ---- for tools ----

expect_exit 1 "$bondfuzz" triage --json many
check_json "$out" 2 signature:text verdict:text object:text findings:whole campaigns:whole seen:whole first_seen:text \
	subject:text ops:whole switches:whole file:text replay:text holds:whole lost:whole
expect_equal "$(wc -l <"$out")" "$(wc -l <<<"$signatures")"
sed -n '1p' "$out" >row
expect_exit 1 bash -c "$(json_value replay <row)"
expect_line "$out" "$(json_value verdict <row)"

expect_exit 1 "$bondfuzz" triage many --sarif s.json --junit j.xml
expect_equal "$("$tests/sarif.py" s.json | tail -n 1)" "$(wc -l <<<"$signatures") results"
expect_exit 1 "$bondfuzz" triage many --sarif -
"$tests/sarif.py" "$out" >/dev/null
expect_exit 0 "$bondfuzz" triage many/night2/hmm --sarif s.json --junit k.xml
expect_equal "$("$tests/sarif.py" s.json | tail -n 1)" '0 results'
xml_is_fine()
{
	command -v xmllint >/dev/null || { echo 'skipped: XML (no xmllint)'; return 0; }
	xmllint --noout --schema "$tests/../data/junit.xsd" "$1" 2>"$scratch/xml" || fail "$1: $(cat "$scratch/xml")"
}
xml_is_fine j.xml
xml_is_fine k.xml
expect_line j.xml "^<testsuites name=\"bondfuzz\" tests=\"$((kept + 3))\" failures=\"$kept\" errors=\"0\" skipped=\"0\">"
expect_equal "$(grep -c '<failure ' j.xml)" "$kept"
expect_line j.xml '^  see it again: .*minimal.bond'
expect_equal "$(grep -c '<failure ' k.xml || :)" 0

# The alarm: neither check takes what is wrong.
sed 's/"ruleIndex": 0/"ruleIndex": 99/' s.json >t.json
"$bondfuzz" triage many --sarif - | sed 's/"startLine\|"level"/"nonsense"/' >t.json || :
! "$tests/sarif.py" t.json >/dev/null 2>&1 || fail 'the check of SARIF takes everything'
if command -v xmllint >/dev/null; then
	sed 's/ tests="[0-9]*"//' j.xml >bad.xml
	! xmllint --noout --schema "$tests/../data/junit.xsd" bad.xml 2>/dev/null || fail 'junit.xsd takes everything'
fi

# ---- does it hold? ----

expect_exit 1 "$bondfuzz" triage --replay many
expect_line "$out" '^leak:hmm@hmm_create .*  holds  '
! grep -q ': stale:\|: lost:\|skipped' "$out" || fail 'something does not hold'
leak=$(echo many/night1/hmm_v3/findings/leak-hmm-*)
sed -i 's/^subject hmm_v3/subject hmm/' "$leak/minimal.bond"
expect_exit 1 "$bondfuzz" triage --replay many/night1
expect_line "$out" "^leak:hmm@hmm_create .*  lost  .*$leak/minimal.bond"
expect_line "$out" "^$leak/minimal.bond: lost: clean"
release=$(echo many/night1/hmm_v3/findings/missed_release-*)
sed -i 's/^subject hmm_v3/subject hmm/; s/^schedule:.*/&\n  A.1 no_such_function mutex_lock#1 -> B/' "$release/minimal.bond"
grep -q '^B: ' "$release/minimal.bond" || sed -i '0,/^A: .*/s//&\nB: mm_fault mm0 1/' "$release/minimal.bond"
expect_exit 1 "$bondfuzz" triage --replay many
expect_line "$out" '^leak:hmm@hmm_create .*  1 holds, 1 lost  '
expect_line "$out" "^$release/minimal.bond: stale: "
sed -i 's/"defect": null/"defect": "nobody_knows_this"/' "$leak/finding.json"
expect_exit 1 "$bondfuzz" triage --replay --json many/night1
expect_equal "$(grep '"leak:hmm' "$out" | json_value skipped)" 1

# ---- bad usage ----

expect_exit 2 "$bondfuzz" triage missing
expect_line "$err" '^bondfuzz: missing: No such file'
expect_exit 2 "$bondfuzz" triage row
expect_line "$err" '^bondfuzz: row: Not a directory'
mkdir empty
expect_exit 2 "$bondfuzz" triage empty
expect_line "$err" "^empty: no campaign's folder is here"
expect_exit 2 "$bondfuzz" triage many --json --sarif -
expect_exit 2 "$bondfuzz" triage many --sarif missing/s.json
expect_line "$err" '^bondfuzz: missing/s.json: '
[ ! -e missing ] || fail 'a folder was made'
