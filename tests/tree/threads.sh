#!/usr/bin/env bash
# Threads of the kernel and waits for words in code of a kernel tree: what is broken shows its verdict, what is not is
# clean. usage: threads.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# shows VERDICT MODE LINE...: of 2000 runs one ends in it; or none, if it is clean
shows()
{
	local verdict=$1 mode=$2 got=0 want=1
	shift 2
	[ "$verdict" = clean ] && want=0
	{ printf 'bondfuzz 1\nsubject threads\n'; printf '%s\n' "$@"; } > "$dir/it.bond"
	# shellcheck disable=SC2086 # no mode is no word
	"$bondfuzz" run -q -S portfolio --runs 2000 $mode "$dir/it.bond" > "$dir/out" 2>&1 || got=$?
	if [ "$got" != "$want" ] || ! grep -aqe "$verdict" "$dir/out"; then
		echo "FAILED: not $verdict: $mode $*"
		head -c 1000 "$dir/out"
		failed=1
	fi
}

for op in thread thread_ends thread_sleeps thread_parks; do
	shows clean '' "A: $op good"
	[ $op = thread_parks ] || shows clean '' "A: $op good" "B: $op good" # two would count the same turns
done
shows code_unloaded '' 'A: thread bad'
shows dead_use '' 'A: thread_ends bad'
shows deadlock '' 'A: thread_sleeps bad'
shows warn '' 'A: thread_parks bad'
for mode in '' --races '--memory weak'; do
	shows clean "$mode" meet 'A: bit_wait' 'B: bit_clear good'
	shows clean "$mode" meet 'A: variable_wait' 'B: variable_set good'
	shows clean "$mode" meet 'A: queue_wait' 'B: queue_rouse good'
done
shows dead_use '' meet 'A: queue_wait' 'B: queue_rouse bad'
for op in event_in_time completion_in_time; do
	shows clean '' "A: $op good"
	shows warn '' "A: $op bad"
done
shows deadlock '' meet 'A: bit_wait' 'B: bit_clear bad'
shows clean '' meet 'A: page_lock good' 'B: page_lock good'
shows warn '' meet 'A: page_lock bad' 'B: page_lock bad'
for op in borrow pin; do
	shows clean '' 'mm0 = mm_create' "A: $op good mm0" 'B: mm_exit mm0'
	shows leak '' 'mm0 = mm_create' "A: $op bad mm0" 'B: mm_exit mm0'
done
shows clean '' 'mm0 = mm_create' 'A: area good mm0' 'B: mm_exit mm0'
shows warn '' 'mm0 = mm_create' 'A: area bad mm0' 'B: mm_exit mm0'
shows clean '' meet 'A: variable_wait' 'B: variable_set bad'
shows deadlock '--memory weak' meet 'A: variable_wait' 'B: variable_set bad'
exit $failed
