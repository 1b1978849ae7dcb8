#!/bin/bash
# What goes wrong at night: bad usage, no room, no permission, no tools, workers that hang, loop or fail.
# usage: tests/ci/nightly.sh BINARY     BINARY is build/LANE/bondfuzz
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$root/tests/cli/lib.sh"
lane=$(basename "$(dirname "$bondfuzz")")
build=$(dirname "$(dirname "$bondfuzz")")
night=("$root/ci/nightly" --no-build --no-coverage --build "$build" --lane "$lane" --jobs 1)

refuses() # PATTERN ARGUMENT...: with a message, and nothing is begun
{
	expect_exit 2 "${night[@]}" --out never "${@:2}"
	expect_line "$err" "^ci/nightly: .*$1"
	expect_empty "$out"
	[ ! -e never/state.json ] || fail "begun, with ${*:2}"
}

# wait_for SECONDS COMMAND...: until it holds
wait_for()
{
	local i
	for ((i = $1 * 10; i > 0; i--)); do
		"${@:2}" && return
		sleep 0.1
	done
	return 1
}

# --- bad usage
refuses "wants a time such as .*, got 'soon'" --time soon
refuses "wants a time such as .*, got '0'" --time 0
refuses "wants a time such as .*, got '8hours'" --time 8hours
refuses 'wants a number' --jobs 0
refuses 'no lane' --lane msan
refuses "no subject 'nobody'" --subject nobody
refuses 'unrecognized arguments: --tiem' --tiem 8h
refuses 'not there' --build .
expect_exit 0 "$root/ci/nightly" --help
expect_line "$out" '^usage: ci/nightly'

# --- tools, permission, room
mkdir bin
python=$(python3 -c 'import sys; print(sys.executable)')
expect_exit 2 env PATH="$PWD/bin" "$python" "$root/ci/nightly" --out never
expect_line "$err" '^ci/nightly: missing: .*cmake, ninja, clang-19.*; ci/setup'
expect_line "$err" 'llvm-cov-19'

: >file
for folder in /proc/nowhere file file/below; do
	expect_exit 2 "${night[@]}" --out $folder --time 5
	expect_line "$err" "^ci/nightly: .*$folder: nothing can be kept here: "
done

# mounted SIZE rw|ro COMMAND...: with a file system of that size at ./small, if this machine lets us
cat >mounted <<'END'
#!/bin/bash
exec unshare -m bash -ec 'mount -t tmpfs -o "size=$1,$2" none small; shift 2; exec "$@"' - "$@"
END
chmod +x mounted
mkdir small
if ./mounted 1m rw true 2>"$err"; then
	expect_exit 2 ./mounted 1m ro "${night[@]}" --out small --time 5
	expect_line "$err" 'small: nothing can be kept here: Read-only file system'
	expect_exit 2 ./mounted 1m ro "${night[@]}" --out small/below --time 5
	expect_line "$err" 'small/below: nothing can be kept here: Read-only file system'
	expect_exit 2 ./mounted 4m rw "${night[@]}" --out small --time 5
	expect_line "$err" 'small: only [0-9]* MiB are free, a night wants 32'

	# Full in the middle of it: it ends, says so, and what it had written is whole.
	cat >fill <<-'END'
	out=$1
	shift
	"$@" &
	until [ -s small/state.json ]; do sleep 0.1; done
	sleep 3
	head -c 1G /dev/zero >small/rest 2>/dev/null
	status=0
	wait $! || status=$?
	cp small/state.json "$out"
	rm small/rest
	for file in small/*/findings/*/*.json small/*.json; do
		[ ! -e "$file" ] || python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$file" || exit 9
	done
	exit $status
	END
	expect_exit 2 ./mounted 64m rw bash fill "$PWD/state" "${night[@]}" --out small --time 60 --subject hmm_v3
	expect_line "$err" '^ci/nightly: .*small: No space left on device; ended, what was found is kept'
	python3 -c 'import json; assert not json.load(open("state"))["ended"]' || fail 'an ended night'
else
	echo "left out, no tmpfs may be mounted here: $(head -1 "$err")"
fi

# --- one at a time
"${night[@]}" --out twice --time 60 --subject hmm >/dev/null 2>&1 &
first=$!
wait_for 20 test -s twice/state.json || fail 'it does not begin'
expect_exit 2 "${night[@]}" --out twice --time 5
expect_line "$err" 'another night is still running in .*/twice'

# --- an interrupt ends it, and the next start goes on
kill -INT $first
status=0
wait $first || status=$?
expect_equal $status 130 'exit status after an interrupt'
cp twice/state.json state
echo '{' >twice/state.json
expect_exit 2 "${night[@]}" --out twice --time 8 --subject hmm
expect_line "$err" 'twice/state.json: is no JSON; remove it to begin anew'
mv state twice/state.json
expect_exit 0 "${night[@]}" --out twice --time 8 --subject hmm
expect_line "$out" 'a new night'
"${night[@]}" --out twice --time 8 --subject hmm >/dev/null 2>&1 &
first=$!
sleep 2
kill -KILL $first
wait $first || :
wait_for 10 flock -n twice/lock true || fail 'somebody still has the lock'
expect_exit 0 "${night[@]}" --out twice --time 8 --subject hmm
expect_line "$out" 'going on'
python3 - twice <<'END' || fail 'what the night says of itself'
import json, sys
night, history = (json.load(open("%s/%s.json" % (sys.argv[1], n))) for n in ("night", "history"))
assert night["runs"] > 1000 and night["resumed"] == 1 and night["findings"] == [], night
assert len(history) == 2 and history[1]["runs"] == night["runs"] and history[1]["inputs"] > 10, history
assert night["corpus"]["hmm"]["kept"] == history[1]["inputs"], night["corpus"]
assert all(t["rss_max"] > 1 << 20 for t in night["turns"]), night["turns"]
END
expect_line twice/index.html '<h1>The night of '
expect_line twice/summary.txt '^bondfuzz, the night of .*: no finding in clean subjects'
expect_line twice/memory.csv '^[0-9]*,hmm-'

# --- the watchdog: who was stopped, and who works without end, has to be ended from outside
"${night[@]}" --out stopped --time 30 --slice 20 --stuck 4 --subject hmm >"$out" 2>"$err" &
first=$!
worker() { pgrep -f "fuzz --subject hmm --corpus $PWD/stopped"; }
wait_for 20 worker >/dev/null || fail 'no worker'
sleep 1
worker | xargs kill -STOP
wait $first || fail "the night ended with $?: $(cat "$err")"
expect_line "$out" "watchdog: hmm-$lane did nothing for [0-9]* s: ended with SIGKILL"
expect_line stopped/summary.txt "the watchdog ended hmm under $lane: it did nothing for"
expect_line "$out" "hmm-$lane: .* runs in" # and another got its turn

mkdir -p "fake/$lane"
cat >"fake/$lane/bondfuzz" <<END
#!/bin/bash
case \$1 in
fuzz) (while :; do :; done) & while :; do :; done ;;
*) exec "$bondfuzz" "\$@" ;;
esac
END
chmod +x "fake/$lane/bondfuzz"
fake=("$root/ci/nightly" --no-build --no-coverage --build fake --lane "$lane" --jobs 1 --subject hmm)
expect_exit 0 "${fake[@]}" --out looping --time 10 --slice 2 --stuck 3
expect_line "$out" "watchdog: hmm-$lane is still there [0-9]* s after its time: ended with SIGKILL"
! pgrep -f "$PWD/fake" >/dev/null || fail 'a child of a worker was left behind'

# --- findings of a clean subject: here another one's, under its name
sed -i 's/^fuzz).*/fuzz) exec "$real" "${@\/#hmm\/hmm_v3}" ;;/; 2i real='"$bondfuzz" "fake/$lane/bondfuzz"
expect_exit 1 "${fake[@]}" --out found --time 30
expect_line found/summary.txt '^bondfuzz, the night of .*: [1-9][0-9]* findings in clean subjects, 0 in posted'
expect_line found/summary.txt '^missed_release:mirror@exit_mmap .*seen [1-9]'
expect_line found/index.html '<a href="hmm-.*/findings/.*">missed_release:mirror@exit_mmap</a>'
expect_line found/findings.sarif '"missed_release'
expect_exit 0 xmllint --noout found/findings.xml
expect_line found/findings.xml 'missed_release'
python3 -c 'import json; assert json.load(open("found/history.json"))[0]["findings"]' || fail 'no finding in the history'

# --- subjects with bugs in which nothing is found
sed -i 's/^fuzz).*/fuzz) sleep 2; echo "{\\"summary\\":true,\\"runs\\":200000}"; exit 0 ;;/' "fake/$lane/bondfuzz"
expect_exit 0 "${fake[@]}" --subject hmm_v3 --out silent --time 20
expect_line silent/summary.txt 'THE ALARM IS DEAD'
expect_exit 0 "${fake[@]}" --out quiet --time 10
! grep -q ALARM quiet/summary.txt || fail 'a clean subject is no alarm'

# --- workers that fail by themselves end the night
sed -i 's/^fuzz).*/fuzz) echo "no such luck" >\&2; exit 3 ;;/' "fake/$lane/bondfuzz"
expect_exit 3 "${fake[@]}" --out failing --time 30 --slice 2
expect_line "$out" "hmm-$lane failed with status 3: no such luck"
expect_line "$err" '^ci/nightly: 3 workers failed in a row'
