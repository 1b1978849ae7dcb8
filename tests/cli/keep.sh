#!/bin/bash
# A finding becomes a regression case when it fails where the bug is and holds where it is not; what
# cannot do both is refused with the reason, and nothing that is there is ever written over.
set -euo pipefail
leaks=1
. "$(dirname "$0")/lib.sh"

cat >finding.bond <<'END'
# A word that a person wrote.
bondfuzz 1
subject hmm_v3
device0 = hmm_device_register
device1 = hmm_device_register
mm0 = mm_create
mirror0 = hmm_mirror_register device0 mm0
A: hmm_mirror_unregister mirror0
A: hmm_device_unregister device0
A: device_free device0
A: hmm_device_unregister device1
B: mm_exit mm0
schedule:
  A.1 hmm_mirror_kill down_write#1 -> B
  B.1 hmm_notifier_release up_write:tail#1 -> A
  A.2 hmm_device_unregister mutex_lock#2 -> B
  B.1 hmm_mirror_destroy mutex_unlock:tail#1 -> A
expect: dead_use device0
END

# What the system refuses is no refusal of ours.
status=0
(trap '' XFSZ; ulimit -f 0; exec "$bondfuzz" keep finding.bond </dev/null 2>&1) | cat >"$err" || status=${PIPESTATUS[0]}
expect_equal $status 74 'a case that cannot be written'
expect_line "$err" '^corpus/found/.*\.bond.*: File too large'
[ -z "$(ls corpus/found)" ] || fail 'half a case was left'

expect_exit 0 "$bondfuzz" keep finding.bond
expect_line "$out" '^finding.bond: kept as corpus/found/.*\.bond: dead_use:device@.* on hmm_v3, clean on hmm$'
case=$(ls corpus/found/*.bond)
expect_equal "$(wc -w <<<"$case")" 1
expect_line "$case" '^# A word that a person wrote\.$'
expect_line "$case" "^# dead_use:device@.*: hmm_v3, kept on $(date -u +%Y)-"
expect_line "$case" '^subject hmm$'
expect_line "$case" '^expect: clean$'
expect_line "$case" '^expect hmm_v3: dead_use device0$'
if grep -q device1 "$case"; then fail 'it is not minimised'; fi
expect_exit 0 "$bondfuzz" check corpus
expect_line "$out" '^of the files: 1 holds,'

# The same again is said, and kept only by name; a name that is taken is refused.
before=$(cat "$case")
expect_exit 1 "$bondfuzz" keep finding.bond
expect_line "$err" "not kept: $case shows the same"
expect_exit 0 "$bondfuzz" keep finding.bond --name again
expect_line "$err" "$case has the same signature"
expect_exit 1 "$bondfuzz" keep finding.bond --name again
expect_line "$err" 'not kept: corpus/found/again.bond is there already'
expect_equal "$(cat "$case")" "$before" 'a case was written over'
expect_equal "$(ls corpus/found | wc -l)" 2

expect_exit 0 "$bondfuzz" keep --json --dir elsewhere finding.bond
check_json "$out" 1 file:text kept:flag path:text? signature:text? on:text? why:text
expect_equal "$(json_value path <"$out")" "elsewhere/$(basename "$case")"

# Where a line of the file names the subject, that name outlives the minimising.
sed 's/subject hmm_v3/subject hmm/; s/^expect.*/expect: clean\nexpect hmm_v3: dead_use device0/' finding.bond >named.bond
expect_exit 0 "$bondfuzz" keep --dir named named.bond
expect_line "$out" ' on hmm_v3, clean on hmm$'
expect_line "$(ls named/*.bond)" '^expect hmm_v3: dead_use device0$'
rm -r named named.bond

# What cannot fail, and what cannot be asked.
sed 's/subject hmm_v3/subject hmm/; s/^expect.*/expect: clean/' finding.bond >clean.bond
sed 's/#1/#9/' finding.bond >stale.bond
sed 's/subject hmm_v3/subject hmm/; s/^expect.*/expect nonsense: leak/' finding.bond >nonsense.bond
refuses() # FILE WORDS
{
	expect_exit 1 "$bondfuzz" keep --dir none "$1"
	expect_line "$err" "^$1: not kept: $2"
	expect_empty "$out"
}
refuses nonsense.bond 'nonsense: neither a subject nor a defect'
refuses stale.bond 'its schedule is stale'
sed -i '/^  /d' clean.bond
refuses clean.bond 'it does not fail here'
expect_exit 1 "$bondfuzz" keep --dir none clean.bond --json
check_json "$out" 1 kept:flag path:text? why:text
expect_equal "$(json_value kept <"$out")" False

# Names are names of files in the folder; bad text has its place.
for name in ../out /tmp/out .hidden 'a b' '' --name a.bond "$(printf 'x%.0s' {1..101})"; do
	expect_exit 2 "$bondfuzz" keep finding.bond --dir none --name "$name"
done
expect_exit 2 "$bondfuzz" keep finding.bond clean.bond --name two --dir none
expect_exit 2 "$bondfuzz" keep finding.bond --subject hmm_v3 --defect x --dir none
head -c 300 finding.bond >cut.bond
expect_exit 2 "$bondfuzz" keep cut.bond --dir none
expect_line "$err" '^cut.bond:[0-9]*:[0-9]*: '
expect_exit 1 "$bondfuzz" keep finding.bond --dir finding.bond/below
expect_line "$err" 'finding.bond/below'
[[ ! -e none ]] || fail 'what was refused made a folder'
expect_equal "$(ls)" "$(printf '%s\n' clean.bond corpus cut.bond elsewhere finding.bond nonsense.bond stale.bond)"
