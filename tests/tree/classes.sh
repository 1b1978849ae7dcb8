#!/usr/bin/env bash
# The classes of src/tree/kernel: each op of the subject classes is clean when it keeps its contract, and
# gives its verdict when it does not. usage: classes.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# program NAME EXPECTED LINE...
program() {
	local file=$dir/$1.bond expected=$2
	shift 2
	{ printf 'bondfuzz 1\nsubject classes\n'; printf '%s\n' "$@"; printf 'expect: %s\n' "$expected"; } > "$file"
}

while read -r op verdict; do
	program "$op-good" clean "A: $op good"
	program "$op-bad" "$verdict" "A: $op bad"
done <<'TABLE'
spin sleep_in_atomic
preempt sleep_in_atomic
rwlock lock_leaked
mutex lock_misuse
rwsem lock_misuse
ww lock_leaked
seqcount livelock
bit_lock livelock
rcu sleep_in_atomic
srcu reader_leaked
rcu_call dead_use
complete deadlock
work pending_freed
delayed pending_freed
timer pending_freed
slab double_free
cache warn
range out_of_bounds
refcount refcount
warn warn
bug bug
list warn
page dead_use
own_task warn
TABLE
program wait-good clean 'A: wait good' 'B: wake good'
program wait-bad deadlock 'A: wait good' 'B: wake bad'
program own_task-two clean 'A: own_task good' 'B: own_task good'

"$bondfuzz" check "$dir" > "$dir/out" 2>&1
status=$?
grep -v ': holds$' "$dir/out" | sed "s#$dir/##"
[ "$(grep -c ': holds$' "$dir/out")" = "$(ls "$dir"/*.bond | wc -l)" ] || status=1
exit $status
