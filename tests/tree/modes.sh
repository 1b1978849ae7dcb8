#!/usr/bin/env bash
# Each mode of bondfuzz over code of a kernel tree: what is broken shows its verdict there, what is not is clean.
# usage: modes.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
bondfuzz=$(realpath "$bondfuzz")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

# expect STATUS PATTERN COMMAND...: it ends with that status, and some line has the pattern
expect()
{
	local want=$1 pattern=$2 got=0
	shift 2
	timeout 100 "$bondfuzz" "$@" > out 2>&1 </dev/null || got=$?
	if [ "$got" != "$want" ] || ! grep -aqe "$pattern" out; then
		echo "FAILED: exit status $got, not $want, or no line like '$pattern', of: $*"
		head -c 2000 out
		failed=1
	fi
}

# program FILE SUBJECT LINE...
program()
{
	local file=$1 subject=$2
	shift 2
	{ printf 'bondfuzz 1\nsubject %s\n' "$subject"; printf '%s\n' "$@"; } > "$file"
}

driver='mm0 = mm_create
mm1 = mm_create
mm_fault mm0 0
plain0 = plain_open mm0'
program bad.bond plain "$driver releases_in_get" 'A: mm_exit mm0' 'B: plain_borrow plain0 mm1'
program good.bond plain "$driver rightly" 'A: mm_exit mm0' 'B: plain_borrow plain0 mm1'
for how in sequence bad_sequence; do
	program race-$how.bond classes "A: race $how" "B: race $how"
done
for how in good bad; do
	program count-$how.bond classes "A: count $how" "B: count $how"
	program race-$how.bond classes "A: race $how" "B: race $how"
done
for way in plainly copied locked wmb release assign; do
	program publish-$way.bond classes box "A: publish $way" 'B: look'
done
for how in good bad good_bits bad_bits; do
	program cross-$how.bond classes box "A: cross left $how" "B: cross right $how"
done
many='-q -S portfolio --runs 500'

# A mode finds what it alone can find, and the correct program is clean in it.
expect 0 clean run $many count-bad.bond
expect 1 warn run $many --granularity access count-bad.bond
expect 0 clean run $many --granularity access count-good.bond
expect 1 data_race run $many --races --until data_race@op_race+op_race race-bad.bond
expect 0 clean run $many --races race-good.bond
expect 1 data_race run $many --races --until data_race race-bad_sequence.bond
expect 0 clean run $many --races race-sequence.bond

# Contents that others see late, of a block and of a static; what orders them is clean, and so is all without the mode.
for program in publish-plainly publish-copied publish-locked cross-bad cross-bad_bits; do
	expect 1 warn run $many --runs 10000 --memory weak $program.bond
	expect 0 clean run $many $program.bond
done
for program in publish-wmb publish-release publish-assign cross-good cross-good_bits; do
	expect 0 clean run $many --memory weak $program.bond
done
expect 1 'its store to bits was late' run -S portfolio --runs 10000 --memory weak cross-bad_bits.bond
expect 1 'its store to flag was late' run -S portfolio --runs 10000 --memory weak cross-bad.bond

# The list is empty when the process exits: exit waits for no callback of a client that is leaving.
program leaving.bond vm 'mm0 = mm_create' 'notifier0 = mmu_notifier_register mm0' 'vm0 = vm_create mm0' 'A: vm_close vm0' \
	'B: mm_fault mm0 0' 'B: mm_reclaim mm0 0' 'C: mm_unmap mm0 0' 'C: mmu_notifier_unregister notifier0' 'D: mm_exit mm0'
expect 0 clean run -q -S portfolio --runs 3000 leaving.bond

# The core of the tree under a driver, in each of them.
for mode in --races '--memory weak' '--granularity access'; do
	expect 0 clean run $many $mode good.bond
	expect 1 double_release run $many $mode --until double_release bad.bond
done

expect 1 double_release run -q --strategy search --runs 2000 --until double_release bad.bond
expect 0 clean run -q --strategy search --runs 500 good.bond
expect 1 double_release explore bad.bond
expect 0 'not complete\|complete' explore --time 2 good.bond
expect 1 lock_misuse prove -s classes --ops mutex --length 1 --threads 1 --first
expect 0 'What holds now' prove -s region --ops region_map,mm_oom_reap --length 2
expect 1 '^expect: double_release' minimize -q bad.bond
expect 2 'runs on the simulator alone' stress --time 1 --out stressed bad.bond
if gdb -q -batch -ex run --args /bin/true 2>/dev/null | grep 'exited normally' >/dev/null; then
	expect 0 'plain_borrow' debug bad.bond --batch -c 'bond bt B'
fi
exit $failed
