#!/bin/bash
# ci/tidy finds nothing in a small tree that keeps the rules, and then each fault at its place and nothing else.
# usage: tests/ci/tidy.sh BINARY (which it does not need)
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
. "$root/tests/cli/lib.sh"
tree=$scratch/tree
mkdir -p "$tree"/{ci,src/base,src/letter,src/cli,src/core,src/model}
cp "$root/ci/tidy" "$tree/ci"
cp "$root/.clang-format" "$tree"
git -C "$tree" init -q
cd "$tree"

file() { # FILE LINE...: C, with the comment that each begins with
	printf '%s\n' '/* A file of a test. */' "${@:2}" >"$1"
}
file src/base/limits.h '#define NAME_MAX 8'
file src/letter/draw.c '#include "base/limits.h"'
for n in $(seq 20); do
	file "src/model/m$n.c"
	file "src/cli/c$n.c"
done
file src/cli/c21.c # one command a file: as many as there are commands
expect_exit 0 ci/tidy
expect_line "$out" 'tidy: 43 files, no problem'

file src/model/m21.c
file src/letter/up.c '#include "cli/command.h"'
file src/core/user.c '#include <stdio.h>'
file src/letter/urcu.c '#include <urcu.h>'
file src/letter/form.c 'int  x;'
file src/letter/loud.c 'static void leave(void)' '{' "$(printf '\texit(1);')" '}'
file src/model/m1.c '#define NAME_MAX 8'
file src/letter/long.c "$(yes '// A line.' | sed -n '1,600p;600q')"
echo 'int x;' >src/letter/no_comment.c
echo 'end ' >space.md
echo '#!/bin/sh' >ci/not_executable
install -m 755 /dev/null ci/early.sh
printf '#!/bin/sh\nset -o pipefail\nls %s head\n' '|' >ci/early.sh
expect_exit 1 ci/tidy
sort "$out" >"$scratch/said"
sort >"$scratch/wanted" <<'END'
ci/early.sh:3: stops reading early, under pipefail: use sed -n, or grep without -q
ci/not_executable:1: a script that is not executable
space.md:1: white space at the end
src/core/user.c:2: src/core is kernel code, which has no stdio.h
src/letter/form.c:2: clang-format would write this otherwise
src/letter/long.c:601: over 600 lines: split it
src/letter/loud.c:4: a library returns why, or calls notice(): exit
src/letter/no_comment.c:1: opens without a comment that says what it is
src/letter/up.c:2: src/letter may not include cli/command.h
src/letter/urcu.c:2: liburcu belongs to src/kapi/native: urcu.h
src/model/m1.c:2: NAME_MAX is in src/base/limits.h, too: define it in src/base/limits.h
src/model:1: 21 .c files, over 20: make folders of it
END
diff "$scratch/wanted" "$scratch/said" || fail 'ci/tidy says something else'
