# lib.sh - what the command line tests share. Each test sources it with the binary as its argument,
# and then stands in an empty folder of its own that goes away with it.
#
# A test ends at the first thing that does not hold, and says which. Bounds on time are there
# against hangs only: the machine may be slow and busy, and the binary instrumented.

bondfuzz=$(realpath "$1")
scratch=$(mktemp -d)
out=$scratch/out # standard output of the last expect_exit
err=$scratch/err # its standard error
trap 'chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
mkdir "$scratch/here"
cd "$scratch/here"
unset NO_COLOR
# Leaks are looked for in scripts that set leaks=1 before they source this: where data is read, kept and
# written. A scan at the exit of a process that only refuses a file costs ten times what that costs.
export ASAN_OPTIONS=detect_leaks=${leaks:-0}

# whole: is it night (ci/test --night)? By day a test may leave out repetitions.
whole() { [ -n "${BONDFUZZ_WHOLE-}" ]; }

fail()
{
	printf 'FAILED: %s\n' "$*"
	exit 1
}

# expect_exit CODE COMMAND...: it ends by itself, with that status, and is not ended by a sanitizer.
expect_exit()
{
	local want=$1 got=0
	shift
	timeout -k 5 100 "$@" >"$out" 2>"$err" </dev/null || got=$?
	if [ "$got" != "$want" ] || grep -aq 'ERROR: .*Sanitizer\|runtime error:\|harness bug' "$err"; then
		printf 'FAILED: exit status %s, not %s, of: %s\n' "$got" "$want" "$*"
		head -c 2000 "$out" "$err"
		exit 1
	fi
}

# expect_line FILE PATTERN: some line of the file matches (grep's basic patterns).
expect_line()
{
	grep -aq -e "$2" "$1" && return
	printf 'FAILED: no line like: %s, but:\n' "$2"
	head -c 2000 "$1"
	exit 1
}

expect_empty()
{
	[ -s "$1" ] || return 0
	printf 'FAILED: %s should be empty, but:\n' "$(basename "$1")"
	head -c 2000 "$1"
	exit 1
}

expect_equal()
{
	[ "$1" = "$2" ] || fail "'$1' is not '$2'${3:+: $3}"
}

# check_json FILE ROWS KEY:TYPE...: each line is one object with those keys of those types, and
# there are at least ROWS of them. TYPE is text, whole, number, flag, or one of them with "?": may
# be null.
check_json()
{
	python3 - "$@" <<-'END' || fail "that is no JSON to rely on: $1"
	import json, sys
	types = {"text": str, "whole": int, "number": (int, float), "flag": bool}
	rows = [json.loads(line, parse_constant=lambda c: sys.exit("not JSON: " + c))
	        for line in open(sys.argv[1], encoding="utf-8")]
	if len(rows) < int(sys.argv[2]):
	    sys.exit("%d rows, not %s" % (len(rows), sys.argv[2]))
	for row in rows:
	    for key, kind in (word.split(":") for word in sys.argv[3:]):
	        if key not in row:
	            sys.exit("no key %s in %s" % (key, row))
	        value, want = row[key], types[kind.rstrip("?")]
	        null = value is None and kind.endswith("?")
	        if not null and (not isinstance(value, want) or (isinstance(value, bool) and want != bool)):
	            sys.exit("%s is no %s in %s" % (key, kind, row))
	END
}

# json_value KEY <FILE: of the first line
json_value()
{
	python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())[sys.argv[1]])' "$1"
}

# ---- programs ----

# As it was posted, this subject leaks here whatever the schedule; some schedules show more.
write_failing()
{
	cat >"$1" <<-'END'
	bondfuzz 1
	subject hmm_v3
	mm0 = mm_create
	device0 = hmm_device_register
	mirror0 = hmm_mirror_register device0 mm0
	A: hmm_mirror_unregister mirror0
	A: hmm_device_unregister device0
	A: device_free device0
	B: mm_exit mm0
	schedule:
	expect: leak hmm
	END
}

write_clean()
{
	write_failing "$1"
	sed -i 's/hmm_v3/hmm/; s/^expect.*/expect: clean/' "$1"
}

# Clean, and as it was posted a freed device is touched, by its schedule and by few others.
write_race()
{
	cat >"$1" <<-'END'
	bondfuzz 1
	subject hmm
	device0 = hmm_device_register
	mm0 = mm_create
	mirror0 = hmm_mirror_register device0 mm0
	A: hmm_mirror_unregister mirror0
	A: hmm_device_unregister device0
	A: device_free device0
	B: mm_exit mm0
	schedule:
	  A.1 hmm_mirror_kill down_write#1 -> B
	  B.1 hmm_notifier_release up_write:tail#1 -> A
	  A.2 hmm_device_unregister mutex_lock#2 -> B
	  B.1 hmm_mirror_destroy mutex_unlock:tail#1 -> A
	expect: clean
	expect hmm_v3: dead_use device0
	END
}
