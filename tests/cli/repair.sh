#!/bin/bash
# A schedule that the code has outgrown is found near where it was, and written down whole or not at
# all; what cannot be helped is named, and left as it is.
set -euo pipefail
leaks=1
corpus=$(realpath "$(dirname "$0")/../../corpus")
. "$(dirname "$0")/lib.sh"

write_race good.bond
sed -i '1i # Kept as it is.\n# And so is this.' good.bond
expect_exit 0 "$bondfuzz" check --runs 20 good.bond
expect_line "$out" '^good.bond: holds$'

# stale NAME SED-SCRIPT: a copy that is told to be stale, and with its lines in order.
stale()
{
	sed "$2" good.bond >"$1"
	cmp -s good.bond "$1" && fail "$1 is no other file"
	expect_exit 1 "$bondfuzz" check --runs 20 "$1"
	expect_line "$out" "^$1: $3\$"
}
stale renamed.bond '/^  /s/ hmm_/ old_/' stale
stale counted.bond '/^  /s/#1/#3/' stale
stale other_lock.bond 's/up_write:tail/spin_unlock/' stale
stale undone.bond '/^  /d' lost

# Nothing is written where nothing is to be, and with --dry-run.
mkdir files
cp ./*.bond files/
before=$(cat files/*.bond | sha256sum)
expect_exit 0 "$bondfuzz" repair --dry-run files
expect_line "$out" '^files/good.bond: holds'
expect_line "$out" '^files/renamed.bond: repaired (was stale; anchors moved to the nearest place; dead_use:device@'
expect_line "$out" '^5 files: 1 holds, 0 skipped, 4 repaired, 0 stale, 0 lost, 0 broken'
expect_equal "$(cat files/*.bond | sha256sum)" "$before" 'a dry run wrote'

expect_exit 0 "$bondfuzz" repair files
for file in files/*.bond; do
	expect_equal "$(sed '/^  /d' "$file")" "$(sed '/^  /d' good.bond)" "$file has other lines"
done
expect_equal "$(ls files | wc -l)" 5 'something was left behind'
expect_equal "$(cat files/renamed.bond)" "$(cat good.bond)"
expect_exit 0 "$bondfuzz" check --runs 20 files
expect_line "$out" '^of the files: 5 holds, 0 repaired, 0 stale, 0 lost'
expect_exit 0 "$bondfuzz" repair files
expect_line "$out" '^5 files: 5 holds'

# check does it on the way.
expect_exit 0 "$bondfuzz" check --runs 20 --repair renamed.bond good.bond
expect_line "$out" '^renamed.bond: repaired'
expect_line "$out" '^of the files: 1 holds, 1 repaired'
expect_equal "$(cat renamed.bond)" "$(cat good.bond)"

# What no schedule can help.
sed 's/hmm_v3: dead_use device0/hmm_v3: double_free device0/' good.bond >lost.bond
sed 's/^expect: clean/expect hmm_v3: clean/; s/^expect hmm_v3: dead.*/expect: clean/' good.bond >broken.bond
sed 's/hmm_v3: dead_use device0/nonsense: clean/' good.bond >untried.bond
for file in lost broken untried; do
	cp $file.bond $file.before
	expect_exit 1 "$bondfuzz" repair --runs 300 $file.bond
	expect_exit 1 "$bondfuzz" repair --runs 1 $file.bond
	expect_line "$out" "^$file.bond: $file"
	cmp $file.bond $file.before || fail "$file.bond was changed"
done

# A line that only another build can ask might be broken by another schedule.
{ sed '/^  /s/ hmm_/ old_/' other_lock.bond; echo 'expect hmm_device_unregister_hurries: dead_use device0'; } >other.bond
cp other.bond other.before
"$bondfuzz" run good.bond -q --defect hmm_device_unregister_hurries >"$out" 2>"$err" || true
if grep -q 'this build has none' "$err"; then
	expect_exit 0 "$bondfuzz" repair other.bond
	expect_line "$out" '^other.bond: skipped'
	cmp other.bond other.before || fail 'a file was rewritten that could not be asked whole'
fi

expect_exit 0 "$bondfuzz" repair --json --dry-run counted.bond good.bond
check_json "$out" 2 file:text before:text outcome:text way:text runs:whole 'signature:text?' written:flag
expect_equal "$(json_value outcome <"$out")" repaired

# Bad text has its place, and what cannot be written a message; the file stays.
echo 'bondfuzz 2' >bad.bond
expect_exit 2 "$bondfuzz" repair bad.bond counted.bond
expect_line "$err" '^bad.bond:1:10: '
expect_line "$out" '^counted.bond: repaired'
if [ "$(id -u)" != 0 ]; then
	cp other_lock.bond files/
	chmod a-w files
	expect_exit 74 "$bondfuzz" repair files/other_lock.bond
	expect_line "$err" '^files/other_lock.bond'
	cmp files/other_lock.bond other_lock.bond || fail 'a file changed that could not be written'
fi

# run names it, too.
for pair in good.bond:found other_lock.bond:stale; do
	"$bondfuzz" run --json --subject hmm_v3 --until dead_use:device0 ${pair%:*} >"$out" || true
	expect_equal "$(json_value outcome <"$out")" ${pair#*:} "$pair"
done

# The whole corpus, where its defects can be asked: names and counts that moved, schedules that are gone.
outgrow() # NAME SED-SCRIPT: at least 95 in 100 of what went stale or lost is back
{
	cp -r "$corpus" "$1"
	find "$1" -name '*.bond' -exec sed -i -E "$2" {} +
	"$bondfuzz" repair --json "$1" >"$out" 2>"$err" || true
	local gone=$(grep -c '"before":"\(stale\|lost\)"' "$out") back
	((gone > 90)) || fail "$1: only $gone files are stale or lost"
	back=$(grep -c '"outcome":"repaired"' "$out")
	((100 * back >= 95 * gone)) || fail "$1: of $gone files $back were repaired"
	"$bondfuzz" check --quiet --runs 20 "$1" >"$out" 2>"$err" || true
	expect_line "$out" " $((gone - back)) lost, 0 broken"
	diff <(cd "$corpus" && cat $(find . -name '*.bond' | sort) | sed '/^  /d') \
		<(cd "$1" && cat $(find . -name '*.bond' | sort) | sed '/^  /d') || fail "$1: other lines changed"
}
"$bondfuzz" run good.bond -q --defect hmm_device_unregister_hurries >"$out" 2>"$err" || true
if ! grep -q 'this build has none' "$err"; then
	outgrow renamed '/^  /s/(\.[0-9]+) ([a-z_0-9]+) /\1 old_\2 /'
	outgrow undone '/^  /d'
	! whole || outgrow counted '/^  /s/#1 /#2 /'
fi
