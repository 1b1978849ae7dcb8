#!/bin/bash
# The table of a driver outside: a row beyond a limit does not compile, and says why; an object whose
# events or rules have other numbers does not link.
#
# usage: outside_rows.sh COMPILER SOURCE BUILD
set -euo pipefail
compiler=$1 source=$(realpath "$2") build=$(realpath "$3")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail()
{
	echo "outside_rows: $1" >&2
	[ ! -e "$scratch/out" ] || cat "$scratch/out" >&2
	exit 1
}

# compiles ROW...: a table with one kind and these rows
compiles()
{
	printf '/* x */\nKIND(FILE, "file")\n%s\n' "$1" >"$scratch/x.def"
	"$compiler" -std=gnu11 -D_GNU_SOURCE -DBONDFUZZ_OPS="\"$scratch/x.def\"" -DBONDFUZZ_NAME='"x"' -fsyntax-only \
		-I"$source/src" -I"$source/src/kapi/include" "$source/cmake/outside.c" >"$scratch/out" 2>&1
}

# refused MESSAGE ROW
refused()
{
	! compiles "$2" || fail "compiled: $2"
	grep -q "$1" "$scratch/out" || fail "no word of '$1'"
}

good='OP(x_do, GIVES_NOTHING, ANY, 5, "help", OBJECT(KIND_FILE), NUMBER(3), NUMBER(3))'
compiles "$good" || fail 'a good row'
refused 'op x_do: too many operands' "${good%)}, NUMBER(3))"
refused 'op x_do: its weight' "${good/5/256}"
refused 'op x_do: its weight' "${good/5/-1}"
refused 'op x_do: it gives a kind' "${good/GIVES_NOTHING/KINDS}"
refused 'the name is too long' "${good/x_do/x_$(printf 'o%.0s' {1..60})}"
refused 'words many: more than 32' "WORDS(many$(printf ', "w%s"' {1..33}))
$good"
refused 'too many kinds' "$good$(printf '\nKIND(K%s, "k")' {1..8})"

# The same tables link; with a row more in front of the notes they do not.
mkdir "$scratch/other"
cp -r "$source/src/trace" "$scratch/other/"
printf '#include "trace/numbers.h"\nint main(void)\n{\n\tNUMBERS_CHECK();\n\treturn 0;\n}\n' >"$scratch/check.c"
links()
{
	"$compiler" -std=gnu11 -I"$1" -I"$source/src" "$scratch/check.c" "$build/libtrace.a" "$build/libbase.a" -lxxhash \
		-o "$scratch/check" >"$scratch/out" 2>&1
}
links "$scratch/other" || fail 'the same tables do not link'
sed -i '0,/^EVENT(release_begin/s//EVENT(surplus, NOTE, "x")\n&/' "$scratch/other/trace/event.def"
! links "$scratch/other" || fail 'shifted events link'
grep -q 'undefined .*bond_numbers_' "$scratch/out" || fail 'another reason'
cp "$source/src/trace/event.def" "$scratch/other/trace/"
sed -i '0,/^RULE(double_free/s//RULE(surplus, kapi, no, "x")\n&/' "$scratch/other/trace/rule.def"
! links "$scratch/other" || fail 'shifted rules link'
