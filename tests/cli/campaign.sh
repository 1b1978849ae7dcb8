#!/bin/bash
# A campaign's folder: a folder a finding, complete at every moment, gone on with the next time, and
# nobody else's. Whatever lies in it, nothing is written outside and nothing in it is lost.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# complete FOLDER: every finding of it has all its files, and they are whole
complete()
{
	local finding
	for finding in "$1"/findings/*/; do
		for file in found.bond minimal.bond letter.txt letter.md finding.json; do
			[ -s "$finding$file" ] || fail "$finding$file is missing"
		done
		python3 -m json.tool "$finding/finding.json" /dev/null || fail "$finding/finding.json"
		expect_line "$finding/letter.txt" "see it again: .*minimal.bond"
		expect_line "$finding/letter.md" '^```$'
	done
}

# value FILE KEY
value() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }

# s FILE KEY VALUE: the value is JSON
s()
{
	python3 - "$@" <<-'END'
	import json, sys
	row = json.load(open(sys.argv[1]))
	row[sys.argv[2]] = json.loads(sys.argv[3])
	json.dump(row, open(sys.argv[1], "w"))
	END
}

# ---- the same folder twice ----

expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 8000 --out first --json
check_json <(grep -v summary "$out") 2 signature:text verdict:text file:text known:flag first_seen:text
! grep -q '"known":true' "$out" || fail 'something was known in a new folder'
complete first
leak=$(echo first/findings/leak-hmm-*)
expect_equal "$(value "$leak/finding.json" subject) $(value "$leak/finding.json" verdict)" 'hmm_v3 leak'
seen=$(value "$leak/finding.json" seen) since=$(value "$leak/finding.json" first_seen)
runs=$(value first/campaign.json runs)
[ "$seen" -gt 100 ] || fail "a leak on every run was seen $seen times"
expect_exit 1 "$bondfuzz" run "$leak/minimal.bond"
expect_exit 1 "$bondfuzz" run "$leak/found.bond"
before=$(cd first/findings; md5sum */*.bond */letter.txt | sort)

expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 3000 --seed 2 --out first
expect_line "$err" '^seen again leak:hmm'
! grep -q '^found leak:hmm' "$err" || fail 'what is known was found'
expect_line "$out" "leak:hmm.* seen [0-9]* times, $seen before, first $since  first/findings"
[ "$(value "$leak/finding.json" seen)" -gt "$seen" ] || fail 'it was not counted'
expect_equal "$(value "$leak/finding.json" first_seen)" "$since"
expect_equal "$(value first/campaign.json sessions)" 2
[ "$(value first/campaign.json runs)" -gt "$runs" ] || fail 'runs were not added up'
expect_equal "$(cd first/findings; comm -23 <(echo "$before") <(md5sum */*.bond */letter.txt | sort))" '' \
	'what was kept is another'

# What was asked for counts when it is seen again, too; what is not seen is no finding of today.
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --time 600 --until leak:hmm --out first
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 500 --out clean
mkdir -p clean/findings/aged
sed 's/hmm_v3/hmm/' "$leak/finding.json" >clean/findings/aged/finding.json
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 500 --out clean
expect_line "$out" 'leak:hmm.* seen 0 times'

# ---- another's folder ----

expect_exit 2 "$bondfuzz" fuzz --subject hmm --runs 100 --out first
expect_line "$err" '^bondfuzz: first: this folder has a campaign of hmm_v3 with no defect'
"$bondfuzz" fuzz --subject hmm --time 60 --out busy >"$scratch/busy" 2>&1 &
campaign=$!
trap 'kill -KILL $campaign 2>/dev/null || :; chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
for ((i = 0; i < 300; i++)); do
	[ ! -e busy/campaign.json ] || break
	sleep 0.1
done
expect_exit 2 "$bondfuzz" fuzz --subject hmm --runs 100 --out busy
expect_line "$err" '^bondfuzz: busy: another campaign is running in this folder'
kill -KILL $campaign
wait $campaign 2>/dev/null || :
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 100 --out busy

# ---- a child that dies ----

"$bondfuzz" fuzz --subject hmm --time 300 --out died >"$scratch/died" 2>&1 &
campaign=$!
for ((i = 0; i < 300; i++)); do
	! grep -q '"runs": [1-9]' died/campaign.json 2>/dev/null || break
	sleep 0.1
done
kill -SEGV "$(pgrep -P $campaign)"
for ((i = 0; i < 900; i++)); do
	! grep -q '^found process_died@' "$scratch/died" || break
	sleep 0.1
done
kill -INT $campaign
status=0
wait $campaign || status=$?
expect_equal $status 130 'exit status after a death'
expect_line "$scratch/died" '^found process_died@'
death=$(echo died/findings/process_died-*)
expect_equal "$(value "$death/finding.json" verdict) $(value "$death/finding.json" seen)" 'process_died 1'
[ -s "$death/letter.txt" ] || fail 'the log of a death is not kept'
# Between two inputs there is none to keep; the first one of all is empty.
! grep -q 'Test unit written' "$death/letter.txt" || [ -e "$death/found.bond" ] || fail 'the input of a death is lost'
expect_exit 1 "$bondfuzz" triage died
expect_empty "$err"
expect_line "$out" '^process_died@'

# ---- killed at any moment ----

# The ninth is killed when a leak is kept, however slow the build.
for ((i = 1; i <= 9; i++)); do
	whole || ((i % 4 == 1)) || continue
	setsid "$bondfuzz" fuzz --subject hmm_v3 --time 60 --seed $i --out killed >/dev/null 2>&1 &
	campaign=$!
	sleep 0.$((i * 2 / 10 + 1))$((i * 7 % 10))
	for ((wait = 0; i == 9 && wait < 300; wait++)); do
		! ls -d killed/findings/leak* >/dev/null 2>&1 || break
		sleep 0.1
	done
	kill -KILL -- -$campaign
	wait $campaign 2>/dev/null || :
	[ ! -e killed/findings ] || [ -z "$(ls killed/findings)" ] || complete killed
	[ ! -e killed/campaign.json ] || value killed/campaign.json runs >/dev/null || fail 'campaign.json'
done
rm -rf killed/findings/leak*/finding.json
mkdir -p killed/findings/.new-1
echo half >killed/findings/.new-1/found.bond
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 3000 --out killed
expect_line "$err" '^killed/findings/leak-hmm-[0-9a-f]*: missing; it counts as not known'
expect_line "$err" '^found leak:hmm.*-2/minimal.bond'
[ -s "$(echo killed/findings/leak-hmm-????????/minimal.bond)" ] || fail 'the older program is lost'
[ ! -e killed/findings/.new-1 ] || fail 'what was half written is still there'

# ---- two children, one corpus, one known set: killed or not, nothing is lost and nothing is there twice ----

expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 4000 --jobs 2 --out two --json
check_json <(tail -n 1 "$out") 1 runs:whole inputs:whole
[ "$(tail -n 1 "$out" | json_value runs)" -ge 4000 ] || fail 'two children made too few runs'
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --jobs 0 --out none
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --jobs 33 --out none
kills=3
! whole || kills=30
for ((i = 1; i <= kills; i++)); do
	before=$(ls two/findings)
	"$bondfuzz" fuzz --subject hmm_v3 --time 60 --jobs 2 --seed $i --out two >"$out" 2>&1 </dev/null &
	campaign=$!
	sleep 0.$((i * 3 % 7 + 2))
	if ((i % 2)); then
		kill -KILL $campaign
	else
		children=($(pgrep -P $campaign || :))
		[ -z "${children[*]}" ] || kill -KILL "${children[0]}"
		sleep 0.3
		kill -INT $campaign
	fi
	wait $campaign 2>/dev/null || :
	for finding in $before; do
		[ -s "two/findings/$finding/finding.json" ] || fail "$finding was lost by kill $i"
	done
	complete two
done
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 3000 --jobs 2 --out two
expect_equal "$(cat two/findings/*/finding.json | grep -c '"signature"')" \
	"$(cat two/findings/*/finding.json | grep '"signature"' | sort -u | wc -l)" 'one finding a signature'

# ---- hostile folders: nothing is followed, nothing outside changes ----

mkdir outside
echo precious >outside/file
echo precious >outside/finding.json
outside=$(find outside -type f -exec md5sum {} + | sort)

# hostile PATTERN COMMAND: what the command makes of a folder "bad" that was fine is refused
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out good
hostile()
{
	rm -rf bad
	cp -a good bad
	eval "$2"
	expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out bad
	expect_line "$err" "$1"
}
hostile '^bondfuzz: bad/findings: ' 'rm -r bad/findings; ln -s ../outside bad/findings'
hostile '^bondfuzz: bad/findings: ' 'rm -r bad/findings; echo >bad/findings'
hostile '^bondfuzz: bad/corpus: ' 'rm -r bad/corpus; ln -s ../outside bad/corpus'
hostile '^bondfuzz: bad: .*fuzz.log' 'ln -sf ../outside/file bad/fuzz.log'
hostile '^bondfuzz: bad: .*fuzz.log' 'rm bad/fuzz.log; mkfifo bad/fuzz.log'
hostile '^bondfuzz: bad/campaign.json: a link' 'ln -sf ../outside/file bad/campaign.json'
hostile '^bondfuzz: bad/campaign.json: empty' ': >bad/campaign.json'
hostile '^bondfuzz: bad/campaign.json: 1:[0-9]*: .' 'echo nonsense >bad/campaign.json'
hostile '^bondfuzz: bad/campaign.json: not a regular file' 'rm bad/campaign.json; mkfifo bad/campaign.json'
hostile '^bondfuzz: bad/campaign.json: a folder' 'rm bad/campaign.json; mkdir bad/campaign.json'
hostile '^bondfuzz: bad/campaign.json: larger' 'truncate -s 1G bad/campaign.json'
hostile "^bondfuzz: bad/campaign.json: 'runs' is not a whole" 's bad/campaign.json runs -1'

# Links in the place of a finding's files: they are neither read nor written through.
rm -rf bad
cp -a good bad
for finding in bad/findings/*; do
	ln -sf "$PWD/outside/finding.json" "$finding/finding.json"
done
ln -s ../../outside bad/findings/elsewhere
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out bad
expect_line "$err" '^bad/findings/leak-hmm-[0-9a-f]*: a link'
expect_line "$err" '^bad/findings/elsewhere: not a folder'
expect_equal "$(find outside -type f -exec md5sum {} + | sort)" "$outside" 'something outside was written'
expect_equal "$(ls outside | tr '\n' ' ')" 'file finding.json '

# A corpus may hold anything, and waits for nobody.
mkdir -p junk/corpus/folder
mkfifo junk/corpus/fifo junk/corpus/folder/fifo
ln -s /dev/zero junk/corpus/zeros
ln -s fifo junk/corpus/to_fifo
ln -s loop junk/corpus/loop
truncate -s 1G junk/corpus/large
head -c 3000 /dev/urandom >junk/corpus/noise
: >junk/corpus/empty
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 500 --out junk
expect_line "$out" ' 0 findings'

# ---- where nothing can be written ----

# A limit of the size of files is told as a full disk is, and the campaign goes on.
{
	status=0
	(ulimit -f 1 && exec "$bondfuzz" fuzz --subject hmm_v3 --runs 30 --out limited 2>&1) || status=$?
	echo "exit status $status"
} | cat >limited.log
expect_line limited.log '^limited/campaign.json: File too large$'
expect_line limited.log '^found .*: (not saved)$'
expect_line limited.log '^exit status 1$'

# ---- a large corpus ----

# Reading it is part of the time, and does not take all of it.
if whole; then
	mkdir large
	for ((i = 0; i < 10000; i++)); do
		printf '%s\n' 'bondfuzz 1' 'subject hmm_v3' 'device0 = hmm_device_register' 'mm0 = mm_create' \
			'mirror0 = hmm_mirror_register device0 mm0' 'A: mm_exit mm0' \
			'B: hmm_mirror_unregister mirror0' 'strategy pct' "seed $i" >large/$i.bond
	done
	begin=$SECONDS
	expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --time 10 --corpus large --out of-large
	[ $((SECONDS - begin)) -le 40 ] || fail "--time 10 took $((SECONDS - begin)) s"
	[ "$(value of-large/campaign.json runs)" -gt 10000 ] || fail 'a large corpus eats the time'
fi

# ---- the same seed ----

# campaign FOLDER OPTION...: all that its summary tells but the time
campaign()
{
	local folder=$1
	shift
	expect_exit 0 "$bondfuzz" fuzz --subject hmm --time 0 --runs 3000 --seed 5 --json --out "$folder" "$@"
	sed 's/"seconds":[^,]*,//' "$out"
}

same=$(campaign same1)
expect_equal "$(campaign same2)" "$same" 'the same seed made another campaign'
[ "$(campaign other --without returns)" != "$same" ] || fail 'nothing was returned to'
for what in pairs tree order novelty; do
	[ "$(campaign "other-$what" --without $what)" != "$same" ] || fail "--without $what changes nothing"
done
expect_exit 2 "$bondfuzz" fuzz --subject hmm --without climbs --out climbs
expect_line "$err" "--without 'climbs'"

# ---- short programs come first, but not before inputs to start from ----

mkdir start
printf '%s\n' 'bondfuzz 1' 'subject hmm' 'mm0 = mm_create' 'A: mm_exit mm0' >start/one.bond
expect_exit 0 "$bondfuzz" fuzz --subject hmm --time 0 --runs 300 --out started --corpus start
[ "$(value started/campaign.json inputs)" -gt 0 ] || fail 'an input to start from waits for short programs'
expect_exit 0 "$bondfuzz" fuzz --subject hmm --time 0 --runs 300 --out from-nothing
[ "$(value from-nothing/campaign.json inputs)" = 0 ] || fail 'an input was drawn before the short programs'

# ---- what was reached ----

expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out covered --coverage covered.txt
! grep -qvE '^0x[0-9a-f]+ [01] [01]$' covered.txt || fail 'a line of --coverage is no counter'
for passed in 0 1; do
	grep -q " 1 $passed\$" covered.txt || fail "no function with $passed in --coverage"
done
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out covered --coverage missing/covered.txt
