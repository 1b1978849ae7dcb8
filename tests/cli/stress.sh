#!/bin/bash
# Programs on real threads: clean ones are clean, what is wrong is a finding with program and seed
# whatever it died of, and the simulator is asked for the same.
set -euo pipefail
corpus=$(realpath "$(dirname "$0")/../../corpus")
. "$(dirname "$0")/lib.sh"

write_failing failing.bond
write_clean clean.bond

summary_keys='summary:flag sanitizer:text? seed:whole programs:whole skipped:whole runs:whole
	seconds:number findings:whole pairs:whole pairs_overlapped:whole runs_overlapped:whole notes:whole
	doubts:whole reordered:whole undecided:whole'
finding_keys='signature:text verdict:text object:text program:text subject:text seed:whole runs:whole
	seconds:number file:text confirmed:flag? confirm_runs:whole replay:text'

# ---- clean ----

expect_exit 0 "$bondfuzz" stress clean.bond --repeat 30
expect_line "$out" '^real threads, .*: 1 programs, 30 runs'
expect_line "$out" '^  overlap: [0-9.]* % of [0-9]* pairs of ops'
expect_empty "$err"
[ ! -e out ] || fail 'a clean campaign made a folder'

expect_exit 0 "$bondfuzz" stress --json --generate 300 --repeat 1 --seed 5
check_json "$out" 1 $summary_keys
expect_equal "$(json_value programs <"$out") $(json_value runs <"$out")" '300 300'
expect_exit 0 "$bondfuzz" stress --json --generate 0 --runs 45 --subject sva
expect_equal "$(json_value runs <"$out")" 45
expect_exit 0 "$bondfuzz" stress clean.bond --time 1 --repeat 3

# The law: what the simulator calls clean is clean on real threads.
expect_exit 0 "$bondfuzz" stress --json "$corpus"
python3 - "$out" "$(find "$corpus" -name '*.bond' | wc -l)" <<-'END' || fail 'the corpus did not run as a whole'
import json, sys
row = json.loads(open(sys.argv[1]).read())
assert row["programs"] + row["skipped"] == int(sys.argv[2]) and row["programs"] > 100
assert row["runs"] == 20 * row["programs"] and row["findings"] == 0
assert row["pairs_overlapped"] > 0 and row["undecided"] == 0
END

# ---- a finding ----

expect_exit 1 "$bondfuzz" stress failing.bond --subject hmm_v3 --json --seed 3 --out found
check_json <(head -n -1 "$out") 1 $finding_keys
check_json <(tail -n 1 "$out") 1 $summary_keys
expect_equal "$(json_value seed <"$out") $(json_value confirm_runs <"$out")" '3000000000 0'
folder=$(dirname "$(json_value file <"$out")")
for file in found.bond letter.txt finding.json; do
	[ -s "$folder/$file" ] || fail "no $file in the finding's folder"
done
expect_line "$folder/found.bond" '^# on real threads, seed 3000000000'
expect_exit 0 "$bondfuzz" run "$folder/found.bond" --subject hmm # it parses, and its subject is another

# A file that is known to fail its own subject is left out, unless it is asked for.
expect_exit 0 "$bondfuzz" stress failing.bond
expect_line "$out" '^  1 programs left out'

expect_exit 1 "$bondfuzz" stress failing.bond --subject hmm_v3 --confirm=2000 --out confirmed
expect_line "$err" 'the simulator shows it too, after [0-9]* runs'
replay=$(sed -n 's/^  \(.*bondfuzz run .*\)/\1/p' "$err")
expect_line "$out" "see it again: $replay"
expect_exit 1 bash -c "$replay"
folder=$(echo confirmed/findings/*)
[ -s "$folder/minimal.bond" ] || fail 'no minimal.bond'
expect_line "$folder/letter.txt" '^On real threads:'

# The same again is the same finding.
expect_exit 1 "$bondfuzz" stress failing.bond --subject hmm_v3 --out confirmed --json
expect_equal "$(json_value seen <"$folder/finding.json" 2>/dev/null || tr -d '\n' <"$folder/finding.json" | json_value seen)" 2

# ---- bad usage ----

expect_exit 2 "$bondfuzz" stress
expect_line "$err" 'no program given'
expect_exit 2 "$bondfuzz" stress clean.bond --generate 3
expect_exit 2 "$bondfuzz" stress --generate 0
expect_line "$err" 'does not end'
expect_exit 2 "$bondfuzz" stress missing.bond
expect_exit 2 "$bondfuzz" stress clean.bond --subject sva
expect_line "$err" 'the ops differ'
expect_exit 2 "$bondfuzz" stress clean.bond --repeat 0
expect_exit 2 "$(dirname "$bondfuzz")/bondfuzz-native"
expect_line "$err" 'started by bondfuzz stress'

# A folder that another campaign writes into is left alone.
mkdir busy
expect_exit 2 flock busy "$bondfuzz" stress clean.bond --out busy
expect_line "$err" 'another campaign'
: >file
expect_exit 2 "$bondfuzz" stress clean.bond --out file

# So is one that has a campaign of the other kind.
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out simulated
expect_exit 2 "$bondfuzz" stress failing.bond --subject hmm_v3 --out simulated
expect_line "$err" '^bondfuzz: simulated: this folder has a campaign of bondfuzz fuzz of hmm_v3'
expect_exit 2 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out confirmed
expect_line "$err" '^bondfuzz: confirmed: this folder has a campaign of bondfuzz stress'

# ---- Ctrl-C ----

for signal in INT TERM; do
	"$bondfuzz" stress --generate 0 --time 100 >"$out" 2>"$err" </dev/null &
	sleep 1
	kill -$signal $!
	status=0
	wait $! || status=$?
	expect_equal $status "$([ $signal = INT ] && echo 130 || echo 143)" "$signal"
	expect_line "$out" '^real threads'
done

# ---- defects, where this build has them ----

easy=hmm_mirror_destroy_keeps_hmm
if "$bondfuzz" run --defect $easy "$corpus/zoo/$easy.bond" >"$out" 2>&1; then
	fail "a clean run of $easy"
elif ! grep -q 'this build has none' "$out"; then
	expect_exit 1 "$bondfuzz" stress --defect $easy "$corpus/zoo/$easy.bond" --confirm
	expect_line "$err" '^found leak:mm@mm_alloc after 0 runs'
	expect_line "$err" 'the simulator shows it too'
fi
