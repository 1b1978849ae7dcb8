#!/bin/bash
# 0: nothing broken. 1: a rule was broken, or an expectation. 2: bad usage or bad text, whatever
# else.
set -euo pipefail
data=$(realpath "$(dirname "$0")/../data")
. "$(dirname "$0")/lib.sh"

write_failing failing.bond
write_clean clean.bond
echo 'bondfuzz 2' >bad.bond
{ sed '/^expect/d' clean.bond; echo 'expect: leak mm0'; } >wrong.bond
{ sed '/^expect/d' failing.bond; echo 'expect: clean'; } >hopeful.bond
{ sed '/^expect/d' clean.bond; echo 'expect hmm_v3: leak hmm'; } >elsewhere.bond
{ sed '/^expect/d' clean.bond; echo 'expect sva: clean'; } >mismatch.bond
{ sed '/^expect/d' clean.bond; echo 'expect nothing_of_the_kind: clean'; } >unknown.bond
sed '/^expect/d' clean.bond >silent.bond
mkdir both good
cp clean.bond failing.bond both/
cp clean.bond elsewhere.bond good/

expect_exit 0 "$bondfuzz" run clean.bond
expect_line "$out" '^clean.bond: clean on hmm'
expect_exit 1 "$bondfuzz" run failing.bond
expect_line "$out" '^failing.bond: leak on hmm_v3'
expect_exit 1 "$bondfuzz" run clean.bond --subject hmm_v3
expect_exit 0 "$bondfuzz" run failing.bond --subject hmm
expect_exit 1 "$bondfuzz" run both
expect_exit 0 "$bondfuzz" run good
expect_exit 2 "$bondfuzz" run failing.bond bad.bond clean.bond
expect_line "$out" '^clean.bond: clean'

# A search that finds nothing that was asked for is clean, whatever else it met.
expect_exit 0 "$bondfuzz" run failing.bond --strategy random --runs 20 --until double_free
expect_line "$out" '^failing.bond: clean'
expect_exit 1 "$bondfuzz" run failing.bond --strategy portfolio --runs 200 --until leak:hmm
expect_exit 1 "$bondfuzz" run failing.bond --strategy portfolio --runs 200 --until leak
for command in 'run failing.bond' 'fuzz --subject hmm_v3 --time 1 --out nothing'; do
	expect_exit 2 "$bondfuzz" $command --until leek
	expect_line "$err" "no verdict 'leek'"
done
[[ ! -e nothing ]] || fail 'a campaign that was refused made a folder'
# A campaign ends when it has what it was asked for, long before its time.
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --time 600 --until leak:hmm --out until
expect_line "$err" '^found leak:hmm'
expect_exit 0 "$bondfuzz" run clean.bond --strategy portfolio --runs 50
expect_exit 1 "$bondfuzz" run failing.bond --strategy random --runs 200 --trials 3
expect_exit 0 "$bondfuzz" run clean.bond --strategy random --runs 20 --trials 3

expect_exit 0 "$bondfuzz" check --runs 50 clean.bond failing.bond elsewhere.bond
expect_line "$out" '^3 files: 3 passed, 0 failed'
for file in wrong hopeful mismatch unknown silent; do
	expect_exit 1 "$bondfuzz" check --runs 50 clean.bond $file.bond
	expect_line "$out" "^FAILED $file.bond: "
	expect_line "$out" '^2 files: 1 passed, 1 failed'
done
expect_exit 2 "$bondfuzz" check --runs 50 bad.bond clean.bond
expect_line "$err" '^bad.bond:1:10: '
expect_exit 2 "$bondfuzz" check --runs 50 wrong.bond bad.bond

# The same for what shows tests: a case an expect line, and whatever fails, fails there, too.
xml_is_fine()
{
	command -v xmllint >/dev/null || { echo 'skipped: XML (no xmllint)'; return 0; }
	xmllint --noout --schema "$data/junit.xsd" "$1" 2>"$scratch/xml" || fail "$1: $(cat "$scratch/xml")"
}
expect_exit 0 "$bondfuzz" check --runs 50 clean.bond failing.bond --junit good.xml
expect_line good.xml '<testsuites name="bondfuzz" tests="2" failures="0" errors="0" skipped="0">'
expect_line good.xml '<testcase classname="failing.bond" name="hmm_v3: leak:hmm" '
expect_exit 2 "$bondfuzz" check --runs 50 clean.bond wrong.bond silent.bond bad.bond --junit mixed.xml
expect_line mixed.xml '<testsuites name="bondfuzz" tests="4" failures="2" errors="1" skipped="0">'
expect_line mixed.xml '<failure type="[a-z]*" message="on [^"]* expected [^"]*, got [^"]*"/>'
expect_line mixed.xml '<failure type="untried" message="no expect line: nothing is checked"/>'
expect_line mixed.xml '<testcase classname="bad.bond" name="is read" '
xml_is_fine good.xml
xml_is_fine mixed.xml
expect_exit 2 "$bondfuzz" check --runs 50 clean.bond --junit missing/j.xml
expect_line "$err" '^bondfuzz: missing/j.xml: '

# An interrupt says how far it came, and is no pass.
expect_exit 130 timeout --preserve-status -s INT 1 "$bondfuzz" check --runs 100000000 clean.bond clean.bond
expect_line "$err" '^interrupted: 1 of 2 files'

expect_exit 0 "$bondfuzz" list rules
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 200 --out clean
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 200 --out out

# A finding that cannot be kept is bad usage: the folder was the user's choice.
expect_exit 2 "$bondfuzz" run failing.bond --quiet --save clean.bond/below
expect_line "$err" 'clean.bond/below: '
expect_exit 1 "$bondfuzz" run failing.bond --quiet --save new/folder
