#!/bin/bash
# What the system refuses is no bad usage: a full disk, a closed output, a file that may not grow end every
# command with status 74 and the name of what could not be written. Where nothing is refused the same
# commands end as they always do.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
write_failing failing.bond
write_clean clean.bond

# put STATUS COMMAND...: with standard output as it is, full, and closed
put()
{
	local status=$1 got
	shift
	expect_exit "$status" "$@"
	[ -s "$out" ] || fail "nothing to print, so nothing to lose: $*"
	got=0
	timeout -k 5 100 "$@" >/dev/full 2>"$err" </dev/null || got=$?
	expect_equal $got 74 "$* >/dev/full"
	expect_line "$err" '^bondfuzz: standard output: '
	got=0
	timeout -k 5 100 "$@" >&- 2>"$err" </dev/null || got=$?
	expect_equal $got 74 "$* >&-"
	expect_line "$err" '^bondfuzz: standard output: '
}

put 0 "$bondfuzz" --help
put 0 "$bondfuzz" --version
put 0 "$bondfuzz" run --help
put 0 "$bondfuzz" list rules
put 0 "$bondfuzz" list rules --json
put 0 "$bondfuzz" run clean.bond
put 1 "$bondfuzz" run failing.bond
put 1 "$bondfuzz" run failing.bond --json
put 1 "$bondfuzz" minimize failing.bond
put 0 "$bondfuzz" check --runs 5 clean.bond
put 1 "$bondfuzz" explore --runs 50 failing.bond
put 0 "$bondfuzz" repair clean.bond
put 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out campaign
put 1 "$bondfuzz" triage campaign

# What a campaign keeps does not depend on which streams are open.
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out open
for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	rm -rf kept
	eval "timeout -k 5 100 \"\$bondfuzz\" fuzz --subject hmm_v3 --runs 300 --out kept $closed" >"$out" 2>"$err" || :
	expect_equal "$(ls kept/findings)" "$(ls open/findings)" "findings with $closed"
done

# A campaign that is ended keeps what it has, and its status is the signal's.
expect_exit 143 timeout --preserve-status -s TERM 2 "$bondfuzz" fuzz --subject hmm_v3 --time 60 --out ended
[ -n "$(ls ended/findings)" ] || fail 'SIGTERM lost the findings'

# Nothing printed is nothing lost.
expect_exit 2 "$bondfuzz" nonsense

# A file that may not grow.
refuse()
{
	local what=$1 got=0
	shift
	(trap '' XFSZ; ulimit -f 0; timeout -k 5 100 "$@" </dev/null 2>&1 >/dev/null) | cat >"$err" || got=${PIPESTATUS[0]}
	expect_equal $got 74 "$*"
	expect_line "$err" "$what"
}
refuse 'small.bond.*: File too large' "$bondfuzz" minimize failing.bond -o small.bond
refuse 'saved.*: File too large' "$bondfuzz" run failing.bond --save saved
refuse 'j.xml: File too large' "$bondfuzz" check --runs 5 clean.bond --junit j.xml
refuse 'r.html: File too large' "$bondfuzz" report campaign -o r.html
[ ! -e small.bond ] && [ ! -e j.xml ] && [ ! -e r.html ] || fail 'half a file was left'

# A name that cannot be is bad usage, as ever.
expect_exit 2 "$bondfuzz" minimize failing.bond -o missing/small.bond
expect_exit 2 "$bondfuzz" run missing.bond
