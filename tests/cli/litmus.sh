#!/bin/bash
# litmus: files are read, results are compared, what cannot be read is told with its place.
set -euo pipefail
data=$(realpath "$(dirname "$0")/../data/litmus")
. "$(dirname "$0")/lib.sh"

# The project's own tests: nothing that must never happen is shown, and what may happen is, except where
# the test says which kind of weakness is left out ("Not shown:").
# Tests with many threads take long: they are left to the night.
tests=("$data")
! whole || tests+=("$data-long")
expect_exit 0 "$bondfuzz" litmus --json "${tests[@]}"
expect_empty "$err"
python3 - "$out" <<'END'
import json, sys
for row in map(json.loads, open(sys.argv[1])):
    left_out = "Not shown:" in open(row["file"]).read()
    met = row["weak"]["observed"] in ("Sometimes", "Always")
    assert row["weak"]["complete"] and row["strong"]["complete"], row
    if row["expected"] == "Sometimes":
        assert met != left_out, row
END

# test_file NAME RESULT CONDITION: message passing, with a condition of the caller's
test_file()
{
	cat >"$1" <<-END
	C $1
	(* Result: $2 *)
	{}
	P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
	P1(int *x, int *y) { int r0; int r1; r0 = READ_ONCE(*y); smp_rmb(); r1 = READ_ONCE(*x); }
	$3
	END
}

# The alarm: each kind of expectation, good and bad.
test_file good.litmus Never 'exists (1:r0=1 /\ 1:r1=0)'
test_file bad.litmus Never 'exists (1:r0=1 /\ 1:r1=1)'
expect_exit 0 "$bondfuzz" litmus good.litmus
expect_exit 1 "$bondfuzz" litmus bad.litmus
expect_line "$out" 'MUST NEVER HAPPEN'
test_file good.litmus None '~exists (1:r0=1 /\ 1:r1=0)'
test_file bad.litmus None '~exists (1:r0=0 /\ 1:r1=0)'
expect_exit 0 "$bondfuzz" litmus good.litmus
expect_exit 1 "$bondfuzz" litmus bad.litmus
test_file good.litmus Always 'forall (1:r0=0 \/ 1:r1=1)'
test_file bad.litmus Always 'forall (1:r0=0 /\ x=1)'
expect_exit 0 "$bondfuzz" litmus good.litmus
expect_exit 1 "$bondfuzz" litmus bad.litmus
test_file good.litmus DEADLOCK 'filter (1:r0=1 /\ 1:r1=0) exists (x=1)'
test_file bad.litmus DEADLOCK 'filter (1:r0=1) exists (x=1)'
expect_exit 0 "$bondfuzz" litmus good.litmus
expect_exit 1 "$bondfuzz" litmus bad.litmus

# States and JSON.
test_file states.litmus Sometimes 'locations [x;] exists (1:r0=0 /\ 1:r1=1)'
expect_exit 0 "$bondfuzz" litmus --states --memory strong states.litmus
expect_line "$out" '^    \* .* x=1; 1:r0=0; 1:r1=1; $'
expect_exit 0 "$bondfuzz" litmus --json --memory strong states.litmus
expect_equal "$(python3 -c 'import json, sys
row = json.loads(sys.stdin.readline())
print(row["expected"], row["strong"]["observed"], row["strong"]["states"], row["strong"]["complete"])' <"$out")" \
	'Sometimes Sometimes 3 True'

# What herd's dialect leaves open: void, truth values, locations behind the filter.
cat >open.litmus <<'END'
C open
{ y=false; }
void P0(spinlock_t *l, int *y) { int r0; r0 = spin_trylock(l); WRITE_ONCE(*y, r0); }
filter (0:r0=true)
locations [y;]
exists (0:r0=true /\ ~(y=false))
END
expect_exit 0 "$bondfuzz" litmus --states --memory strong open.litmus
expect_line "$out" '^    \* .* y=1; $'

# What cannot be read.
refuses()
{
	expect_exit 2 "$bondfuzz" litmus "$2"
	expect_line "$err" "$1"
}
printf 'C a\n{}\nP0(int *x) { frob(x); }\nexists (x=0)\n' >missing.litmus
refuses '^missing.litmus:3:.*frob() is not supported' missing.litmus
expect_line "$out" '1 unread for frob()'
printf 'C a\n{}\nP0(int *x) { while (1) ; }\nexists (x=0)\n' >loop.litmus
refuses '^loop.litmus:3:14: while is not supported' loop.litmus
printf 'C a\n{}\nP0(int *x) { r0 = READ_ONCE(*x); }\nexists (0:r1=0)\n' >register.litmus
refuses 'thread 0 has no r1' register.litmus
printf 'C a\n{1:r0=3;}\nP0(int *x) { }\nexists (x=0)\n' >register.litmus
refuses 'there is no thread 1, of which r0' register.litmus
printf 'C a\n{ struct foo s; }\nP0(int *x) { }\nexists (x=0)\n' >structure.litmus
refuses '^structure.litmus:2:10: structures are not supported: foo' structure.litmus
# body STATEMENT: a thread with an array x[] and a pointer to a structure n
body()
{
	printf 'C a\n{}\nP0(int *x, struct node *n) { int r0; %s }\nexists (x=0)\n' "$1" >part.litmus
}
body 'r0 = n->next;'
refuses '^part.litmus:3:44: structures are not supported' part.litmus
body 'WRITE_ONCE(x[1], 1);'
refuses '^part.litmus:3:50: arrays are not supported' part.litmus
body '(*x)++;'
refuses '^part.litmus:3:42: ++ is not supported' part.litmus
printf 'C a\n{ int x[2]; }\nP0(int *x) { }\nexists (x=0)\n' >array.litmus
refuses '^array.litmus:2:8: arrays are not supported' array.litmus
printf 'C a\n"no end' >comment.litmus
refuses 'the comment does not end' comment.litmus
printf 'C a\n(* no end' >comment.litmus
refuses 'the comment does not end' comment.litmus
python3 -c 'print("C a\n{}\nP0(int *x) { }\nexists x=0" + " => x=0" * 6000)' >deep.litmus
refuses 'nested more than' deep.litmus
python3 -c 'print("C a\n{}\nP0(int *x) {" + "(" * 5000)' >deep.litmus
refuses 'nested more than' deep.litmus
python3 -c 'print("C a\n{}\nP0(int *x) { }\nexists " + "~" * 60000)' >deep.litmus
refuses 'nested more than' deep.litmus
python3 -c 'print("C a\n{}\nP0(int *x) { WRITE_ONCE(*x, 1" + " + 1" * 800 + "); }\nexists (x=0)")' >deep.litmus
refuses 'more than 32 levels' deep.litmus
python3 -c 'print("C a\n" + " " * 70000)' >large.litmus
refuses 'more than' large.litmus
printf 'X86 a\n{}\n' >other.litmus
refuses 'dialect' other.litmus
head -c 4000 /dev/urandom >noise.litmus
expect_exit 2 "$bondfuzz" litmus noise.litmus
