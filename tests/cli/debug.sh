#!/bin/bash
# gdb stands where it matters, and shows the fibers that it cannot see by itself: who waits for whom,
# the stack of one that is parked, the objects by their names. usage: debug.sh BONDFUZZ
set -euo pipefail
. "$(dirname "$0")/lib.sh"

write_race race.bond

# What needs no gdb.
expect_exit 2 "$bondfuzz" debug
expect_line "$err" 'no file given'
expect_exit 2 "$bondfuzz" debug race.bond race.bond
expect_line "$err" 'one program at a time'
expect_exit 2 "$bondfuzz" debug race.bond --stop-at 4000
expect_line "$err" 'the run has [0-9]* steps; there is no step 4000'
expect_exit 2 "$bondfuzz" debug race.bond --stop-at 0
expect_exit 2 "$bondfuzz" debug race.bond --subject sva
expect_line "$err" 'the ops differ'
expect_exit 2 "$bondfuzz" debug race.bond --gdb ./no-gdb
expect_line "$err" './no-gdb: .*; install gdb'
echo 'bondfuzz 2' >bad.bond
expect_exit 2 "$bondfuzz" debug bad.bond
expect_line "$err" '^bad.bond:1:10: '

if ! gdb -q -batch -ex run --args /bin/true 2>/dev/null | grep 'exited normally' >/dev/null; then
	echo 'skipped: gdb is not there, or may not trace here'
	exit 77
fi

# show COMMAND...: of gdb, stopped before the end of the race
show()
{
	local commands=()
	for command; do commands+=(-c "$command"); done
	expect_exit 0 "$bondfuzz" debug race.bond --batch "${commands[@]}"
}

show 'bond bt B'
expect_line "$out" '^race.bond: dead_use device0 on hmm_v3, [0-9]* steps; step [0-9]* is kfree(device) in op_device_free, by A$'
expect_line "$out" '^step [0-9]* takes effect$'
expect_line "$out" '^\* A  *A.3  *runs  *op_device_free  *kfree(device)$'
expect_line "$out" '^  B  *B.1  *ready  *hmm_mirror_destroy  *mutex_unlock(&device->mutex) still inside$'
for function in kapi_unlock hmm_mirror_destroy hmm_mirror_unref hmm_notifier_release mmu_notifier_release exit_mmap; do
	expect_line "$out" "^#[0-9]*  *$function "
done
order=$(sed -n 's/^#[0-9]* *\(hmm_mirror_destroy\|hmm_notifier_release\|exit_mmap\) .*/\1/p' "$out" | xargs)
expect_equal "$order" 'hmm_mirror_destroy hmm_notifier_release exit_mmap'
if grep -q 'op_device_free.*hmm.c' "$out"; then fail 'that is the stack of another'; fi

# The parked one's registers were lent, and are the run's again: it goes on to its verdict.
show 'bond bt B' 'bond bt A' 'bond bt D' 'bond go' 'bond bt B' 'bond objects all' 'bond objects'
expect_line "$out" '^#[0-9]*  *op_device_free '
expect_line "$out" '^D is in no function: it has not begun$'
expect_line "$out" '^dead_use is broken, after step [0-9]*$'
expect_line "$out" '^  A  *A.3  *ended'
expect_line "$out" '^\* B  *B.1  *runs  *hmm_mirror_destroy '
expect_line "$out" '^device0  *[0-9]* bytes at 0x[0-9a-f]*, allocated in op_hmm_device_register, freed in op_device_free$'
expect_line "$out" '^mm0  *[0-9]* bytes at 0x[0-9a-f]*, allocated in mm_alloc$'
expect_equal "$(grep -c '^device0' "$out")" 1 'a freed block is no live one'

# Another step: there somebody waits, and it is said for whom.
for ((step = 38; step < 50; step++)); do
	expect_exit 0 "$bondfuzz" debug race.bond --batch --stop-at "$step"
	if grep -q ' is held by B\]' "$out"; then break; fi
done
expect_line "$out" "^step $step takes effect\$"
expect_line "$out" '^  A  *A.1  *blocked  *hmm_mirror_kill  *down_write(&hmm->rwsem)  \[hmm+[0-9]* is held by B\]$'

# Commands where nothing stands say so, and gdb ends.
expect_exit 1 "$bondfuzz" debug race.bond --subject hmm --batch -c 'bond go' -c 'bond threads'
expect_line "$out" 'the run ended without a stop'
expect_line "$err" 'no run is stopped'
