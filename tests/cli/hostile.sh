#!/bin/bash
# Folders of findings that are truncated, corrupted or meant to do harm. Each bad file is reported with
# its path and the reason, every other finding is still listed, nothing outside of the folder is read or
# written, and each command ends in time. One folder has a finding for each way to damage one; the folder
# and campaign.json are damaged one way at a time.
set -euo pipefail
leaks=1
tests=$(realpath "$(dirname "$0")")
. "$tests/lib.sh"

escape=$'\033'
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 20000 --out good
leak=$(cd good/findings; echo leak-hmm-*)
release=$(cd good/findings; echo missed_release-mirror-*)
# Two findings are enough: a report replays each of them.
for finding in good/findings/*; do
	[[ $finding == */$leak || $finding == */$release ]] || rm -r "$finding"
done
signatures=2
expect_exit 1 "$bondfuzz" triage good
expect_empty "$err"
expect_line "$out" "^$signatures signatures"
mkdir outside
echo 'the secret' >outside/secret
cp "good/findings/$leak/finding.json" outside/finding.json
outside=$(find outside -printf '%p %s %T@ %A@\n' | grep -v '^outside [0-9]' | sort)

# set_json FILE KEY JSON
set_json()
{
	python3 - "$@" <<-'END'
	import json, sys
	row = json.load(open(sys.argv[1]))
	row[sys.argv[2]] = json.loads(sys.argv[3])
	json.dump(row, open(sys.argv[1], "w"))
	END
}

# everything_of FOLDER: what lies there, links not followed
everything_of() { find "$1" -printf '%p %y %s %T@ %l\n' | sort; }

no_codes()
{
	! LC_ALL=C grep -aq "[$(printf '\001-\010\013-\037\177')]" "$1" || fail "control characters on $1: $2"
}

# look FOLDER STATUS WHAT: with every output of triage and report
look()
{
	local before
	before=$(everything_of "$1")
	expect_exit "$2" "$bondfuzz" triage "$1" --sarif s.json --junit j.xml
	no_codes "$out" "$3"
	no_codes "$err" "$3"
	cp "$err" complaints
	cp "$out" table
	"$tests/sarif.py" s.json >/dev/null || fail "no SARIF of: $3"
	! command -v xmllint >/dev/null ||
		xmllint --noout --schema "$tests/../data/junit.xsd" j.xml 2>"$scratch/xml" ||
		fail "no JUnit XML of: $3: $(cat "$scratch/xml")"
	expect_exit "$2" "$bondfuzz" triage "$1" --json
	[ ! -s "$out" ] || check_json "$out" 1 signature:text file:text?
	no_codes "$out" "$3"
	expect_exit "$2" "$bondfuzz" report "$1" -o r.html
	no_codes r.html "$3"
	! grep -q '<script\|<img\|<b>\|href="[^#]' r.html j.xml || fail "it got through: $3"
	! grep -q 'the secret' r.html s.json j.xml table || fail "it was read: $3"
	expect_equal "$(everything_of "$1")" "$before" "changed: $3"
	expect_equal "$(find outside -printf '%p %s %T@ %A@\n' | grep -v '^outside [0-9]' | sort)" "$outside" "outside: $3"
}

# bad LOST PATTERN COMMAND: LOST findings cannot be read, a complaint matches; COMMAND runs in the folder
bad()
{
	rm -rf bad
	cp -a good bad
	(cd bad; eval "$3")
	look bad 2 "$3"
	expect_line complaints "$2"
	expect_equal "$(sed -n '2,/^$/p' table | grep -c . || :)" $((signatures - $1)) "listed: $3"
	[ "$(wc -l <complaints)" -le 4 ] || fail "too many complaints: $(cat complaints)"
}

# one_more: the folder bad gets one more copy of the leak, $f
one_more() { cp -a "good/findings/$leak" "bad/$f"; }
next()
{
	copies=$((copies + 1))
	f=findings/$copies
}

# damaged LOST PATTERN COMMAND: one more finding, damaged by COMMAND; LOST is 1 if it cannot be read then
damaged()
{
	one_more
	lost=$((lost + $1))
	(cd bad; eval "$3")
	wanted+=("bad/$f" "$2")
	next
}

# all_damaged: each finding has its complaint, and at most 4; those that can be read are counted
all_damaged()
{
	look bad 2 'damaged findings'
	for ((i = 0; i < ${#wanted[@]}; i += 2)); do
		grep -a "^${wanted[i]}[:/]" complaints >of_one || fail "no complaint about ${wanted[i]}"
		expect_line of_one "^${wanted[i]}${wanted[i + 1]}"
		[ "$(wc -l <of_one)" -le 4 ] || fail "too many complaints: $(cat of_one)"
	done
	expect_equal "$(sed -n '2,/^$/p' table | grep -c . || :)" "$signatures" 'listed'
	"$bondfuzz" triage bad --json 2>/dev/null >rows || :
	expect_equal "$(python3 -c '
import json, sys
print(sum(row["findings"] for row in map(json.loads, sys.stdin)))' <rows)" $((signatures + copies - 1 - lost)) 'findings that can be read'
}

rm -rf bad
cp -a good bad
copies=0 lost=0 wanted=()
next

# ---- finding.json ----

damaged 1 "[/a-z.]*: empty" ": >$f/finding.json"
damaged 1 ": 1:[0-9]*: " "echo nonsense >$f/finding.json"
damaged 1 ": [0-9]*:[0-9]*: " "truncate -s 300 $f/finding.json"
damaged 1 ": larger" "truncate -s 1G $f/finding.json"
damaged 1 ": missing" "rm $f/finding.json"
damaged 1 ": a link" "ln -sf ../../../outside/finding.json $f/finding.json"
damaged 1 ": a link" "ln -sf finding.json $f/finding.json"
damaged 1 ": not a regular file" "rm $f/finding.json; mkfifo $f/finding.json"
damaged 1 ": a folder" "rm $f/finding.json; mkdir $f/finding.json"
damaged 1 ": 1:[0-9]*: " "printf '{\"a\": \"\\377\\376\"}' >$f/finding.json"
damaged 1 ": 1:[0-9]*: " "head -c 60000 /dev/zero | tr '\\0' '[' >$f/finding.json"
damaged 1 ": 1:[0-9]*: " "printf '{\"seen\": 1, \"seen\": 2}' >$f/finding.json"
damaged 1 ": not an object" "echo '[]' >$f/finding.json"
damaged 1 ": 1:[0-9]*: " "head -c 100 /dev/zero >$f/finding.json"
damaged 1 ": 'finding' is not 1" "set_json $f/finding.json finding 2"
damaged 1 ": 'signature' is missing" "set_json $f/finding.json signature null"
damaged 1 ": 'signature' is not a text" "set_json $f/finding.json signature 7"
damaged 1 ": 'signature' has more than" "set_json $f/finding.json signature '\"$(head -c 5000 /dev/zero | tr '\0' x)\"'"
damaged 1 ": 'seen' is not a whole" "set_json $f/finding.json seen -1"
damaged 1 ": 'seen' is not a whole" "set_json $f/finding.json seen 9223372036854775807"
damaged 1 ": 'seen' is not a whole" "set_json $f/finding.json seen 1.5"
damaged 1 ": 'seconds' is not" "set_json $f/finding.json seconds -1"
damaged 1 ": 'ops' is not a whole" "set_json $f/finding.json ops 100000"
damaged 1 ": 'first_seen' is not a time" "set_json $f/finding.json first_seen '\"<b>now</b>\"'"
damaged 1 ": 'first_seen' is not a time" "set_json $f/finding.json first_seen '\"2026-02-30T12:00:00Z\"'"
damaged 1 ": 'options' has words" "set_json $f/finding.json options '\" ; touch ran\"'"
damaged 1 ": 'options' has words" "set_json $f/finding.json options '\" --save /tmp\"'"
damaged 1 ": 'at' or" "set_json $f/finding.json at '\"../../etc/passwd:7\"'"
damaged 1 ": 'at' or" "set_json $f/finding.json at_earlier '\"a<b>:99999999999\"'"

# ---- programs and letters ----

damaged 0 "/minimal.bond: missing" "rm $f/minimal.bond"
damaged 0 "/minimal.bond: 1:1: " ": >$f/minimal.bond"
damaged 0 "/minimal.bond: [0-9]*:[0-9]*: " "truncate -s 60 $f/minimal.bond"
damaged 0 "/minimal.bond: larger" "truncate -s 1G $f/minimal.bond"
damaged 0 "/minimal.bond: a link" "ln -sf ../../../outside/secret $f/minimal.bond"
damaged 0 "/minimal.bond: a link" "ln -sf /dev/zero $f/minimal.bond"
damaged 0 "/minimal.bond: not a regular file" "rm $f/minimal.bond; mkfifo $f/minimal.bond"
damaged 0 "/found.bond: a folder" "rm $f/found.bond; mkdir $f/found.bond"
damaged 0 "/found.bond: [0-9]*:[0-9]*: " "head -c 5000 /dev/urandom >$f/found.bond"
damaged 0 "/letter.txt: missing" "rm $f/letter.txt"
damaged 0 "/letter.txt: empty" ": >$f/letter.txt"
damaged 0 "/letter.txt: larger" "truncate -s 1G $f/letter.txt"
damaged 0 "/letter.txt: a link" "ln -sf ../../../outside/secret $f/letter.txt"
damaged 0 "/letter.txt: holds a NUL" "head -c 10 /dev/zero >$f/letter.txt"

# ---- the folder of a finding ----

damaged 1 ": not a folder" 'rm -r $f; echo >$f'
damaged 1 ": not a folder" 'rm -r $f; mkfifo $f'
damaged 1 ": not a folder" 'mv $f ../moved; ln -s ../../moved $f'
all_damaged
rm -rf moved
f=findings/$leak

# ---- folders ----

bad 0 "^bad/findings/back: not a folder" "ln -s .. findings/back"
bad 0 "^bad/findings/none: missing" "mkdir findings/none"
bad "$signatures" "^bad/findings: missing" "rm -r findings"
bad "$signatures" "^bad/findings: not a folder" "mv findings ../moved; ln -s ../moved findings"
rm -rf moved
bad "$signatures" "^bad/findings: not a folder" "rm -r findings; mkfifo findings"

# ---- campaign.json ----

bad 0 "^bad/campaign.json: missing" "rm campaign.json"
bad 0 "^bad/campaign.json: empty" ": >campaign.json"
bad 0 "^bad/campaign.json: [0-9]*:[0-9]*: " "truncate -s 500 campaign.json"
bad 0 "^bad/campaign.json: larger" "truncate -s 1G campaign.json"
bad 0 "^bad/campaign.json: a link" "ln -sf ../outside/secret campaign.json"
bad 0 "^bad/campaign.json: not a regular file" "rm campaign.json; mkfifo campaign.json"
bad 0 "^bad/campaign.json: a folder" "rm campaign.json; mkdir campaign.json"
bad 0 "^bad/campaign.json: 'ops' is not a list" "set_json campaign.json ops 7"
bad 0 "^bad/campaign.json: ops, row 1: 'op' is missing" "set_json campaign.json ops '[{}]'"
bad 0 "^bad/campaign.json: ops, row 1: " "set_json campaign.json ops '[7]'"
bad 0 "^bad/campaign.json: 'over_time' is not a list" "set_json campaign.json over_time \"[\$(printf '1,%.0s' {1..300})1]\""
bad 0 "^bad/campaign.json: over_time, row 1: 'runs'" "set_json campaign.json over_time '[{\"seconds\": 1, \"runs\": \"<svg>\"}]'"

# ---- names and texts that want to be more than that: they are told, and harmless ----

# odd PATTERN COMMAND: one more finding, with which nothing is wrong; PATTERN is how the table shows it
odd()
{
	one_more
	(cd bad; eval "$2")
	wanted+=("$1")
	next
}
rm -rf bad
cp -a good bad
copies=0 wanted=()
next
name=$'<script>alert(1)<\\script> \033[31m\n$(touch ran) "\377\' .. -x'
odd '<script>alert(1)</script>' "set_json $f/finding.json signature '\"<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
odd '^\\x1b\[31mred' "set_json $f/finding.json signature '\"\\u001b[31mred\"'"
odd 'a\\x0ab' "set_json $f/finding.json signature '\"a\\nb\"'"
odd '\\xe2\\x80\\xae' "set_json $f/finding.json signature '\"\\u202eright to left\"'"
odd "javascript" "set_json $f/finding.json subject '\"javascript\"'"
odd 'leak:hmm' "set_json $f/finding.json subject '\"\\\"><script>alert(1)</script>\"'"
odd 'leak:hmm' "set_json $f/finding.json defect '\"\$(touch ran); x\"'"
odd 'leak:hmm' "printf '<script>alert(1)</script>]]>\\033[2J\\377&amp;\\n' >$f/letter.txt"
# In these the name of the folder is shown: the file is the one to replay of its signature.
odd '<script>.*\\x1b\[31m\\x0a\$(touch ran)' 'set_json $f/finding.json signature "\"leak:named\""; mv "$f" "findings/$name"'
odd '/-s/minimal.bond' 'set_json $f/finding.json signature "\"leak:short\""; mv "$f" findings/-s'
look bad 1 'odd findings'
expect_empty complaints
for pattern in "${wanted[@]}"; do
	expect_line table "$pattern"
done
f=findings/$leak

# the same of a campaign: nothing is wrong with the folder
odd_campaign()
{
	rm -rf bad
	cp -a good bad
	(cd bad; eval "$1")
	look bad 1 "$1"
	expect_line table 'leak:hmm'
}
odd_campaign "set_json campaign.json subject '\"</title><script>alert(1)</script>\"'"
odd_campaign "set_json campaign.json started '\"2026-01-01T00:00:00Z\"'"
(cp -a good "$escape[31m"; look "$escape[31m" 1 'a folder with an escape'; rm -rf "$escape[31m")
[ -z "$(find . -name ran)" ] || fail 'a name was run'

# ---- what may not be read ----

as_nobody=
if [ "$(id -u)" = 0 ]; then
	as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	chmod 755 "$scratch" .
fi
if $as_nobody "$bondfuzz" help >/dev/null 2>&1; then
	rm -rf bad
	cp -a good bad
	expect_exit 1 $as_nobody "$bondfuzz" triage bad
	chmod 000 "bad/$f/finding.json" bad/findings/$release
	expect_exit 2 $as_nobody "$bondfuzz" triage bad
	expect_line "$err" "^bad/$f: Permission denied"
	expect_line "$err" "^bad/findings/$release: Permission denied"
	chmod 000 bad/findings
	expect_exit 2 $as_nobody "$bondfuzz" triage bad
	expect_line "$err" '^bad/findings: Permission denied'
	chmod -R u+rwX bad
	mkdir -p shut/below
	cp -a good shut/good
	chmod 000 shut/below
	expect_exit 2 $as_nobody "$bondfuzz" triage shut
	expect_line "$err" '^shut/below: Permission denied'
	expect_line "$out" "^$signatures signatures"
else
	echo 'skipped: folders that may not be read'
fi

# ---- deep, wide, and going in circles ----

(mkdir deep; cd deep; for i in $(seq 100); do mkdir d; cd d; done; cp -a "$scratch/here/good" .)
expect_exit 2 "$bondfuzz" triage deep
expect_line "$err" 'nested too deep'
mkdir circle
ln -s .. circle/up
ln -s . circle/self
cp -a good circle/good
expect_exit 1 "$bondfuzz" triage circle
expect_line "$out" 'of 1 campaign$'
mkdir -p wide/findings
touch wide/campaign.json
(cd wide/findings; seq 9000 | xargs mkdir)
expect_exit 2 "$bondfuzz" triage wide
expect_line "$err" '^wide/findings: so many'
