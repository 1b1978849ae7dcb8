#!/bin/bash
# explore and prove: counts that are known, the promised keys, findings that replay, and results that an
# interruption does not lose.
set -euo pipefail
bench=$(realpath "$(dirname "$0")/../../bench")
corpus=$(realpath "$(dirname "$0")/../../corpus")
race=$(realpath "$(dirname "$0")/../../corpus/scenario/2015-device-race.bond")
. "$(dirname "$0")/lib.sh"


# explored CODE COUNT ARGUMENT...
explored()
{
	local code=$1 count=$2
	shift 2
	expect_exit "$code" "$bondfuzz" explore --json "$@"
	expect_empty "$err"
	expect_equal "$(json_value executions <"$out") $(json_value complete <"$out")" "$count" "$*"
}
explored 0 '34 True' --unlock atomic "$bench/exit2.bond"
explored 0 '480 True' "$bench/own2.bond"
explored 0 '3 True' --unlock atomic "$bench/own1.bond"
check_json "$out" 1 file:text strategy:text executions:whole blocked:whole depth:whole complete:flag seconds:number
expect_equal "$(python3 -c 'import json, sys; print(*json.loads(sys.stdin.readline()))' <"$out")" \
	'file strategy executions blocked depth verdicts complete seconds' 'the promised keys'
explored 0 '97 True' --unlock atomic --strategy exhaust "$bench/own1.bond"
explored 0 '645 True' --unlock atomic --memory weak "$bench/own1.bond" # and every order in which stores become visible
explored 0 '50 False' --runs 50 "$bench/own2.bond"
explored 0 '10 False' --runs 10 --strategy exhaust "$bench/exit3.bond"
expect_exit 0 "$bondfuzz" explore "$bench/exit1.bond"
expect_line "$out" '^.*exit1.bond: clean on litmus, dpor: 12 executions, 0 blocked, depth 13, complete'

# Several at a time: the same in the same order. What one can't do keeps no other back.
echo nonsense >broken.bond
several=(--unlock atomic "$bench/exit3.bond" "$bench/own1.bond" broken.bond "$bench/exit1.bond")
for jobs in 1 3; do
	expect_exit 2 "$bondfuzz" explore -j$jobs "${several[@]}"
	expect_line "$err" 'broken.bond'
	sed 's/, [0-9.]* s$//' "$out" >"told$jobs"
done
expect_equal "$(wc -l <told1)" 3
cmp told1 told3 || fail 'explore -j3 does not print what -j1 prints'
status=0
"$bondfuzz" explore -j2 --time 60 "$bench/exit3.bond" "$bench/exit4.bond" "$bench/exit1.bond" >"$out" 2>"$err" &
for i in {1..600}; do
	[ "$(pgrep -c -P $!)" != 2 ] || break
	sleep 0.1
done
kill -INT $!
wait $! || status=$?
expect_equal $status 130 'exit status of interrupted explorations'
expect_equal "$(grep -c 'not complete' "$out")" 2 'what both had seen'

# Each set of operations that fail has a tree of its own.
cat >register.bond <<'END'
bondfuzz 1
subject notifier
mm0 = mm_create
A: notifier0 = mmu_notifier_register mm0
END
explored 0 '1 True' register.bond
explored 0 '4 True' --failures 1 register.bond
check_json "$out" 1 file:text sets_of_failures:whole
expect_exit 0 "$bondfuzz" explore --failures 2 register.bond
expect_line "$out" '^register.bond: clean .* 7 executions, .* 7 sets of up to 2 failures, complete'

# A search has the same trees, and ends with the same count; so does check.
expect_exit 0 "$bondfuzz" run --strategy search --failures 2 register.bond
expect_line "$out" '^  complete: 7 executions, no rule broken; 7 sets of up to 2 failures$'
expect_exit 0 "$bondfuzz" run --strategy search --failures 2 --runs 8 register.bond
expect_line "$out" '^  not complete: '
expect_exit 2 "$bondfuzz" run --strategy surw --failures 2 register.bond
expect_exit 2 "$bondfuzz" run --strategy search --failures 1 --no-failures register.bond
{ cat register.bond; echo "expect: clean"; } >clean.bond
expect_exit 0 "$bondfuzz" check --failures 1 clean.bond
expect_line "$out" '^clean.bond: on notifier complete: 4 executions, no rule broken; 4 sets of up to 1 failures$'
expect_line "$out" '^complete: 1 of 1 lines'
if "$bondfuzz" --version | grep "defects *[1-9]" >/dev/null; then
	attach=$corpus/zoo/sva_bind_error_keeps_user.bond
	explored 0 '1 True' --defect sva_bind_error_keeps_user "$attach"
	expect_exit 1 "$bondfuzz" explore --failures 1 --save failed --defect sva_bind_error_keeps_user "$attach"
	expect_line "$out" 'leak:mm@mm_alloc (mm2)'
	expect_line failed/*.bond '#1 fails$'
	expect_exit 1 "$bondfuzz" run -q --defect sva_bind_error_keeps_user failed/*.bond
	expect_exit 1 "$bondfuzz" run -q --strategy search --seed 0 --failures 1 --defect sva_bind_error_keeps_user "$attach"
	prove=(prove --subject sva --ops sva_bind --objects mm=1,device=1 --length 1 --defect sva_bind_error_keeps_user)
	expect_exit 0 "$bondfuzz" "${prove[@]}"
	expect_line "$out" 'as long as no allocation fails'
	expect_exit 1 "$bondfuzz" "${prove[@]}" --failures 1
	expect_line "$out" 'at most 1 failures'
fi

# Every verdict is kept as a program that shows it.
expect_exit 1 "$bondfuzz" explore --subject hmm_v3 --json --save found "$race"
expect_equal "$(json_value complete <"$out")" True
python3 - "$out" <<-'END' || fail 'the device race is not among the verdicts'
import json, sys
row = json.loads(open(sys.argv[1]).readline())
assert any(v["verdict"] == "dead_use" and v["object"] == "device0" for v in row["verdicts"]), row
END
expect_equal "$(ls found | wc -l)" "$(python3 -c \
	'import json, sys; print(len(json.load(sys.stdin)["verdicts"]))' <"$out")" 'a file each'
expect_exit 0 "$bondfuzz" check --runs 1 found

refuses()
{
	local words=$1
	shift
	expect_exit 2 "$bondfuzz" "$@"
	expect_empty "$out"
	expect_line "$err" "$words"
}
refuses 'strategy exhaust only' explore --memory weak --strategy dpor "$race"
refuses 'cannot say which' explore --memory weak --save found "$race"
refuses 'one of: strong weak' explore --memory strange "$race"
refuses 'dpor or exhaust' explore --strategy pos "$race"
refuses 'goes with --strategy exhaust' explore --bound 2 "$race"
refuses 'the ops differ' explore --subject sva "$race"
refuses 'needs --subject and --ops' prove --subject hmm
refuses "has no op 'nonsense'" prove --subject hmm --ops nonsense
refuses 'named twice' prove --subject hmm --ops mm_exit,mm_exit
refuses 'is allowed in set-ups only' prove --subject litmus --ops litmus_mirror
refuses "has no objects 'pasid'" prove --subject hmm --ops mm_exit --objects pasid=1

# Two words of one operand on two mirrors that are alike: 2 programs of one op; of two, 8 in one
# thread, and in two threads (16 + 4 + 4) / 4.
small='--subject litmus --ops litmus_set,litmus_read --objects mirror=2 --length 2 --threads 2'
expect_exit 0 "$bondfuzz" prove --json $small
expect_empty "$err"
check_json "$out" 1 subject:text scope:text programs:whole done:whole broken:whole schedules:whole \
	complete:flag seconds:number
expect_equal "$(json_value programs <"$out") $(json_value complete <"$out")" '16 True'
schedules=$(json_value schedules <"$out")

# A proof goes on where it was, and counts nothing twice; its file is of no other proof.
expect_exit 0 "$bondfuzz" prove --json $small --state half
python3 - half <<-'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[-8 * 5:] = bytes(8 * 5) # the last five programs were not done
open(sys.argv[1], "wb").write(data)
END
expect_exit 0 "$bondfuzz" prove --json $small --state half -j 1
expect_equal "$(json_value schedules <"$out") $(json_value done <"$out")" "$schedules 16"
refuses 'another proof' prove $small --bound 1 --state half
echo nonsense >other
refuses 'another proof' prove $small --state other

# Interrupted: what is done is told, and the rest another time.
long='--subject hmm --ops hmm_mirror_register,hmm_mirror_unregister,mm_exit,hmm_dma,hmm_device_unregister --length 4'
status=0
"$bondfuzz" prove --json $long --bound 3 --state long >"$out" 2>"$err" &
for i in {1..600}; do
	[ ! -s long ] || break
	sleep 0.1
done
sleep 1
kill -INT $!
wait $! || status=$?
expect_equal $status 130 'exit status of an interrupted proof'
expect_equal "$(json_value complete <"$out")" False

# The alarm: a core with bugs does not pass.
expect_exit 1 "$bondfuzz" prove --json --first --subject hmm_v3 --ops hmm_mirror_unregister,mm_exit \
	--objects mm=1,device=1,mirror=1 --length 2 --save alarm
[ "$(find alarm -name '*.bond' | wc -l)" -ge 1 ] || fail 'the finding is not saved'
