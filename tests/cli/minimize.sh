#!/bin/bash
# A failing program made small: what stays, what is written, what is refused.
set -euo pipefail
leaks=1
corpus=$(realpath "$(dirname "$0")/../../corpus")
. "$(dirname "$0")/lib.sh"

race=$corpus/scenario/2015-device-race-bystanders.bond
minimize() # CODE ARGUMENT...
{
	local code=$1
	shift
	expect_exit "$code" "$bondfuzz" minimize "$@"
}

# By its own schedule; what comes out is a program that shows the same, and nothing else goes with it.
minimize 1 --subject hmm_v3 "$race"
cp "$out" small.bond
expect_line "$err" 'dead_use:device@'
expect_line "$err" 'least: proved, by [1-9][0-9]* schedules$'
[ "$(wc -l <small.bond)" -le 20 ] || fail 'that is not small'
[ "$(wc -l <small.bond)" -lt "$(wc -l <"$race")" ] || fail 'that is not smaller'
expect_line small.bond '^expect: dead_use device0$'
expect_exit 1 "$bondfuzz" run --quiet --json small.bond
check_json "$out" 1 verdict:text
expect_equal "$(json_value verdict <"$out")" dead_use
expect_exit 0 "$bondfuzz" check small.bond

# Again: the same bytes, into a file that is written whole.
minimize 1 --quiet --output again.bond small.bond
expect_empty "$out"
expect_empty "$err"
cmp -s small.bond again.bond || fail 'minimising twice is not minimising once'
expect_equal "$(ls)" "$(printf 'again.bond\nsmall.bond')" 'something else was left behind'

# "-" is standard output, as with report and triage.
minimize 1 --quiet --output - small.bond
cmp -s small.bond "$out" && [ ! -e ./- ] || fail 'a file named - was written'

# Whatever the threads and objects were called.
sed 's/^A:/X:/; s/^B:/A:/; s/^X:/B:/; s/device0/device5/; s/mirror0/mirror2/; /^schedule/,/^expect/{/^ /d}' small.bond |
	sed 's/^expect.*/expect: dead_use device5/' >renamed.bond
minimize 1 --quiet --output again.bond renamed.bond
cmp -s small.bond again.bond || fail 'equal findings are different programs'

# Without a schedule it is searched for, and that is said.
sed '/^schedule/,/^expect/{/^ /d}' small.bond >bare.bond
minimize 1 --json bare.bond
check_json "$out" 1 file:text subject:text verdict:text signature:text searched:whole runs:whole proved:flag \
	schedules:whole excluded:whole quick:number seconds:number program:text
[ "$(json_value searched <"$out")" -gt 0 ] || fail 'it was not searched for'
expect_equal "$(json_value program <"$out")" "$(cat small.bond)"
minimize 1 bare.bond
expect_line "$err" 'its own schedule does not fail; the portfolio found a failure in [1-9][0-9]* runs'

# The verdict that is asked for, not the one that comes first.
write_failing failing.bond
minimize 1 --until missed_release --quiet failing.bond
expect_line "$out" '^expect: missed_release'
minimize 1 --quiet failing.bond
expect_line "$out" '^expect: leak@hmm_create hmm$'

# No time for a proof, and none that is found.
minimize 1 --switches-proof 0 "$race" --subject hmm_v3
expect_line "$err" 'least: proved\|not proved minimal: stopped after'

# What cannot be.
write_clean clean.bond
minimize 0 --runs 50 clean.bond
expect_empty "$out"
expect_line "$err" 'nothing fails, neither with its own schedule nor in 50 runs'
minimize 2
minimize 2 small.bond again.bond
minimize 2 nowhere.bond
minimize 2 --until nonsense small.bond
minimize 2 --subject sva small.bond
expect_line "$err" "cannot run on 'sva'"
minimize 2 --switches-proof soon small.bond
echo nonsense >broken.bond
minimize 2 broken.bond
expect_line "$err" 'broken.bond:1:'
minimize 2 --quiet --output nowhere/x.bond small.bond
expect_line "$err" 'nowhere/x.bond'

# Interrupted it ends with the best so far.
got=0
timeout -s INT 3 "$bondfuzz" minimize --subject hmm_v3 --switches-proof 600 --output stopped.bond \
	"$race" 2>err || got=$?
[ $got = 1 ] || [ $got = 124 ] || fail "an interrupt gave status $got"
expect_line stopped.bond '^expect: dead_use device0$'
