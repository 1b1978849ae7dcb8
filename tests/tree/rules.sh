#!/usr/bin/env bash
# Each rule in world tree, over a kernel's own core: a bug planted in a driver that writes no notes is shown,
# and the same program without it is clean. The rules are those that the program lists; what shows each stands in
# canaries.list and tests/watch/canary.def. usage: rules.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
here=$(dirname "$(realpath "$0")")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail()
{
	echo "$*"
	failed=1
}

# program NAME EXPECTED LINE...
program()
{
	local file=$dir/check/$1.bond expected=$2
	shift 2
	{ printf 'bondfuzz 1\nsubject classes\n'; printf '%s\n' "$@"; printf 'expect: %s\n' "$expected"; } > "$file"
}

# driver FILE BUG LINES: the driver that writes no notes; it has nothing by get and put, whose end
# mmu_notifier_synchronize() does not wait for in kernels with C09 (docs/BUGS.md)
driver()
{
	printf 'bondfuzz 1\nsubject plain\nmm0 = mm_create\nmm1 = mm_create\nmm_fault mm0 0\n' > "$1"
	printf 'plain0 = plain_open mm0 %s\n%s\n' "$2" "$3" | tr ';' '\n' >> "$1"
}

mkdir "$dir/check"
while read -r op verdict why; do
	case $op in
	'#'*) continue ;;
	-) [ "$why" ] || fail "canaries.list: $verdict has no canary, and no reason"; echo "$verdict" >> "$dir/shown"; continue ;;
	esac
	program "$op-good" clean "A: $op good"
	program "$op-bad" "$verdict" "A: $op bad"
	echo "$verdict" >> "$dir/shown"
done < "$here/canaries.list"
program wait-good clean 'A: wait good' 'B: wake good'
program wait-bad deadlock 'A: wait good' 'B: wake bad'
program page-contents dead_use 'A: page bad_contents'
program own_task-two clean 'A: own_task good' 'B: own_task good'

"$bondfuzz" check "$dir/check" > "$dir/out" 2>&1
grep -v ': holds$' "$dir/out" | sed "s#$dir/check/##"
[ "$(grep -c ': holds$' "$dir/out")" = "$(ls "$dir/check"/*.bond | wc -l)" ] || fail "classes: not all hold"

while IFS=$'\t' read -r rule bug lines; do
	driver "$dir/bad.bond" "$bug" "$lines"
	driver "$dir/good.bond" rightly "$lines"
	"$bondfuzz" run -q -S portfolio --runs 30000 --until "$rule" "$dir/bad.bond" > "$dir/out" 2>&1
	[ $? = 1 ] || fail "$rule is not shown by $bug: $(cat "$dir/out")"
	"$bondfuzz" run -q -S portfolio --runs 3000 "$dir/good.bond" > "$dir/out" 2>&1 ||
		fail "$rule: the program without $bug is not clean: $(cat "$dir/out")"
	echo "$rule" >> "$dir/shown"
done < <(sed -n 's/^CANARY(\([a-z_]*\), \([a-z_]*\), "\(.*\)")$/\1\t\2\t\3/p' "$here/../watch/canary.def")

"$bondfuzz" list rules | awk 'NR > 1 && $2 != "sight" { print $1 }' | sort > "$dir/rules"
[ -s "$dir/rules" ] || fail "the program lists no rules"
comm -23 "$dir/rules" <(sort -u "$dir/shown") > "$dir/missing"
[ ! -s "$dir/missing" ] || fail "no canary, and no reason in canaries.list: $(tr '\n' ' ' < "$dir/missing")"
comm -13 "$dir/rules" <(sort -u "$dir/shown") > "$dir/gone"
[ ! -s "$dir/gone" ] || fail "these are no rules: $(tr '\n' ' ' < "$dir/gone")"
exit $failed
