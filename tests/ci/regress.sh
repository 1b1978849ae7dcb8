#!/bin/bash
# ci/regress in a tree of its own: all of the corpus holds, and whatever is left out or broken is heard.
# usage: tests/ci/regress.sh BINARY     BINARY has no defects, or has them
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$root/tests/cli/lib.sh"

mkdir -p ci build/regress corpus/zoo
cp "$root/ci/regress" ci
ln -s "$bondfuzz" build/regress/bondfuzz

expect_exit 2 ci/regress --no-build
expect_line "$err" 'ci/regress: no corpus'
write_clean corpus/clean.bond
write_failing corpus/zoo/failing.bond
expect_exit 0 ci/regress --no-build --junit junit.xml
expect_line "$out" '^2 of 2 files, 2 expect lines (1 clean, 1 broken) in .* s: all hold'
expect_exit 0 xmllint --noout --schema "$root/tests/data/junit.xsd" junit.xml
expect_line junit.xml '<testsuites .*tests="2".*failures="0"'

# A clean line that is broken, a broken one that is clean.
sed -i 's/^expect.*/expect: clean/' corpus/zoo/failing.bond
sed 's/^expect.*/expect: leak/' corpus/clean.bond >corpus/clean2.bond
expect_exit 1 ci/regress --no-build --junit junit.xml
expect_line "$out" '^FAILED corpus/zoo/failing.bond: on hmm_v3 expected clean, got leak'
expect_line "$out" '^FAILED corpus/clean2.bond: on hmm expected leak, got clean'
expect_line "$out" ': 2 failed$'
expect_line junit.xml '<testsuites .*failures="2"'
expect_exit 0 xmllint --noout --schema "$root/tests/data/junit.xsd" junit.xml
write_failing corpus/zoo/failing.bond
rm corpus/clean2.bond

# A file that checks nothing, and a line that nobody tries.
sed '/^expect/d' corpus/clean.bond >corpus/empty.bond
expect_exit 1 ci/regress --no-build
expect_line "$out" '^FAILED corpus/empty.bond: '
rm corpus/empty.bond
cat >>corpus/clean.bond <<-'END'
	expect hmm_mirror_kill_unlinks_first: clean
END
status=0
ci/regress --no-build --junit junit.xml >"$out" || status=$?
if "$bondfuzz" list defects --json | grep hmm_mirror_kill_unlinks_first >/dev/null &&
	"$bondfuzz" fuzz --subject hmm --defect hmm_mirror_kill_unlinks_first --runs 1 --out x >/dev/null 2>&1; then
	expect_line "$out" '^2 of 2 files, 3 expect lines'
else
	expect_equal $status 1 'a line that this build cannot try'
	expect_line "$out" '^FAILED corpus/clean.bond: 1 of 2 expect lines were tried'
	expect_line junit.xml '<testsuites .*skipped="1"'
fi
sed -i '$d' corpus/clean.bond

# Text that is no program, no binary, bad usage.
echo 'bondfuzz 2' >corpus/bad.bond
expect_exit 2 ci/regress --no-build
expect_line "$err" 'bad.bond:1:'
rm corpus/bad.bond build/regress/bondfuzz
expect_exit 2 ci/regress --no-build
expect_line "$err" 'ci/regress: build/regress/bondfuzz: not there'
expect_exit 2 ci/regress --junk
expect_line "$err" 'ci/regress: .*--junk'
