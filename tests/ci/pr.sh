#!/bin/bash
# What a change touches, as the build says: one subject for its driver, some for a core, all for the platform.
# usage: tests/ci/pr.sh BINARY
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$root/tests/cli/lib.sh"
pr=("$root/ci/pr" --no-build --build "$(dirname "$bondfuzz")" --plan)

all=$("$bondfuzz" list subjects --json | sed -n 's/.*"name":"\([^"]*\)","posted":false.*/\1/p' | sort | xargs)
[ "$(wc -w <<<"$all")" -gt 8 ] || fail "the subjects: $all"

touches() # SUBJECTS FILE...
{
	expect_exit 0 "${pr[@]}" --files "${@:2}"
	expect_equal "$(grep -v 'as posted' "$out" | sed -n 's/^  \([^:]*\): .*/\1/p' | tr ' ' '\n' | sort | xargs)" "$1" "${*:2}"
}
touches pri src/subject/driver/pri.c
touches hmm src/core/hmm.c
touches hmm src/subject/core/hmm.def
touches 'hmm pri' src/subject/driver/pri.c src/core/hmm.c
touches "$all" src/kapi/sim/primitive/lock.c
touches "$all" src/kapi/sim/sim.h
touches "$all" src/trace/rule.def
touches "$all" CMakeLists.txt
touches "$all" src/core/that_was_removed.c
touches '' README.md
expect_line "$out" 'nothing to fuzz'
touches '' src/cli/zoo.c docs/ZOO.md
expect_line "$out" 'no campaign runs docs/ZOO.md, src/cli/zoo.c'
corpus=$(cd "$root" && grep -lx 'subject vm' corpus/*/*.bond | sed -n 1p)
touches vm "$corpus"

# A core is the subjects' that call into it, and not of all.
expect_exit 0 "${pr[@]}" --files src/core/interval.c
grep -v 'as posted' "$out" | grep 'interval' >/dev/null || fail 'interval.c is no business of interval'
! grep -v 'as posted' "$out" | grep -w 'litmus' >/dev/null || fail 'interval.c is the business of litmus'
expect_exit 0 "${pr[@]}" --files src/posted/sva_v4.c
expect_line "$out" 'sva_v4.*(as posted: left to ci/regress)'

# A checkout may lie anywhere: who has a name and who wants it is read of objects behind a path with blanks.
mkdir "it's a path"
echo 'int wanted(void); int had(void) { return wanted(); }' >one.c
"${CC:-cc}" -c one.c -o "it's a path/one.o"
expect_equal "$(python3 -B - "$root/ci/pr" "it's a path" <<'END'
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("pr", sys.argv[1])
pr = importlib.util.module_from_spec(importlib.util.spec_from_loader("pr", loader))
loader.exec_module(pr)
pr.BUILD = sys.argv[2]
print(pr.symbols(["one.o"]))
END
)" "({'one.o': {'wanted'}}, {'had': {'one.o'}})"

# What git says.
expect_exit 0 "${pr[@]}" HEAD
expect_line "$out" '^[0-9]* files differ'
expect_exit 2 "${pr[@]}" no-such-commit
expect_line "$err" "^ci/pr: no commit 'no-such-commit'"
expect_exit 2 "${pr[@]}" --time soon
expect_line "$err" '^ci/pr: --time wants'
expect_exit 2 "${pr[@]}" --tiem 5m HEAD
expect_line "$err" '^ci/pr: .*; see ci/pr --help'
expect_exit 2 "$root/ci/pr" --no-build --build . --plan HEAD
expect_line "$err" '^ci/pr: .*bondfuzz: not there'
