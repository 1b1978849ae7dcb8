#!/usr/bin/env bash
# A sanitizer over a kernel's own core: the corpus and campaigns show what is known and nothing else, and of two programs
# that differ in one access the sanitizer reports one, with its function and line.
# usage: sanitizer.sh asan|tsan; exit 77: there is no kernel here, or no compiler.
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.." || exit 1
preset=$1
ci/kernel --preset "$preset" --offline --only-build core || exit
ci/kernel --preset "$preset" --no-build --runs 1500 --time 15 core || failed=1
bondfuzz=build/$preset/src/tree/bondfuzz-6.12

# program NAME LINE...: of the subject classes
program()
{
	{ printf 'bondfuzz 1\nsubject classes\n'; printf '%s\n' "${@:2}"; } > "$scratch/$1.bond"
}

# silent WORDS PROGRAM...: clean, and the sanitizer says nothing
silent()
{
	local name
	for name in "${@:2}"; do
		expect 0 clean "$bondfuzz" run -S portfolio --runs 500 "$scratch/$name.bond"
		[[ $said != *"$1"* ]] || { echo "FAILED: a report about $name"; failed=1; }
	done
}

program race-sequence 'A: race sequence' 'B: race sequence'
for how in good bad; do
	program call-$how "A: rcu_call $how"
	program race-$how "A: race $how" "B: race $how"
done
for way in plainly wmb release assign; do
	program publish-$way box "A: publish $way" 'B: look'
done
case $preset in
asan)
	silent AddressSanitizer call-good
	expect 1 'AddressSanitizer: heap-use-after-free' "$bondfuzz" run "$scratch/call-bad.bond"
	expect 1 'in k_op_rcu_call ' "$bondfuzz" run "$scratch/call-bad.bond"
	expect 1 "/classes.c:$(grep -n 'WRITE_ONCE(thing->text' src/tree/canary/classes.c | cut -d: -f1):" \
		"$bondfuzz" run "$scratch/call-bad.bond"
	;;
tsan)
	silent ThreadSanitizer race-good race-sequence publish-wmb publish-release publish-assign
	expect 1 'data_race:none@op_race+op_race' "$bondfuzz" run --json -S portfolio --runs 500 "$scratch/race-bad.bond"
	expect 1 'k_op_race' "$bondfuzz" run -S portfolio --runs 500 "$scratch/race-bad.bond"
	expect 1 "classes.c:$(grep -n 'raced_word : data_race' src/tree/canary/classes.c | cut -d: -f1)" \
		"$bondfuzz" run -S portfolio --runs 500 "$scratch/race-bad.bond"
	expect 1 'data_race:item@' "$bondfuzz" run --json -S portfolio --runs 10000 "$scratch/publish-plainly.bond"
	;;
esac
exit $failed
