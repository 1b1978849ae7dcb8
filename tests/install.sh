#!/bin/bash
# What is installed works from where it lies: the program, its pages, its completion, and the package for a
# driver of one's own; and it can be taken away again.
#
# usage: install.sh BINARY BUILD SOURCE
set -euo pipefail
build=$(realpath "$2")
source=$(realpath "$3")
. "$(dirname "$0")/cli/lib.sh"

stage=$scratch/stage
prefix=$stage/usr
# The pages are made with all else in the build of reference only.
cmake --build "$build" --target man >"$out" 2>&1 || fail 'man'
export DESTDIR=$stage
cmake --install "$build" --prefix /usr >"$out" || fail 'install'
cp "$build/install_manifest.txt" "$scratch/manifest"
program=$prefix/bin/bondfuzz
[ -x "$program" ] || fail 'no program'

# ---- version ----

expect_exit 0 "$program" --version
expect_line "$out" '^bondfuzz [0-9.]*[0-9]'
for word in compiler sanitizer platforms subjects defects; do
	expect_line "$out" "^  $word  *[a-z0-9]"
done
expect_exit 0 "$program" --version --json
check_json "$out" 1 version:text revision:text compiler:text sanitizer:text native:flag zoo:flag subjects:whole
expect_equal "$(json_value sanitizer <"$out")" "$(sed -n 's/^BONDFUZZ_SANITIZER:STRING=//p' "$build/CMakeCache.txt")"
zoo=$(sed -n 's/^BONDFUZZ_ZOO:BOOL=//p' "$build/CMakeCache.txt")
expect_equal "$(json_value zoo <"$out")" "$([ "$zoo" = ON ] && echo True || echo False)"
version=$("$program" --version | sed -n '1s/^bondfuzz \([0-9.]*\).*/\1/p')
if [ -e "$source/.git" ]; then
	expect_equal "$("$program" --version --json | json_value revision)" \
		"$(sed -n 's/.*"\(.*\)"/\1/p' "$build/include/revision.h")"
	"$program" --version | grep '^bondfuzz .*([^()]*\([0-9a-f]\|-dirty\))$' >/dev/null || fail 'no revision'
fi
expect_exit 2 "$program" --version please
expect_line "$err" '^bondfuzz: '

# The other platform lies beside it, and is found there.
cp "$source/corpus/scenario/2015-device-race.bond" here.bond
expect_exit 0 "$program" stress --runs 20 --out stressed here.bond
rm -rf here.bond stressed

# ---- pages ----

"$program" --help >help
commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' help)
# roff NAME: the words of a page, without its marks
roff() { sed 's/\\f[BIR]\|\\&//g; s/\\//g' "$prefix/share/man/man1/$1.1"; }
page_names() { # COMMAND WORD: as an option that is explained
	roff "bondfuzz-$1" | grep -e "^\(-., \)\?$2\(\[\?=.*\)\?\$" >/dev/null || fail "man bondfuzz-$1 does not explain $2"
}
for command in $commands; do
	[ -s "$prefix/share/man/man1/bondfuzz-$command.1" ] || fail "no page of $command"
	roff bondfuzz | grep -x "bondfuzz-$command(1)" >/dev/null || fail "man bondfuzz does not name $command"
	"$program" "$command" --help >help
	options=$(grep -o '^  \(-., \|    \)--[a-z-]*' help | grep -o -e '--[a-z-]*')
	[ -n "$options" ] || fail "$command has no options"
	for option in $options; do
		page_names "$command" "$option"
	done
	expect_equal "$(roff "bondfuzz-$command" | grep -c '^\(-., \)\?--[a-z-]*\(\[\?=.*\)\?$')" \
		"$(wc -w <<<"$options")" "options of man bondfuzz-$command"
done
for status in 0 1 2 3 130; do
	roff bondfuzz-run | grep -x $status >/dev/null || fail "no exit status $status"
done
if [ -n "$(command -v groff || :)" ]; then
	for page in "$prefix"/share/man/man1/*.1; do
		groff -man -Tascii -ww "$page" >"$out" 2>"$err" || fail "groff: ${page##*/}"
		expect_empty "$err"
	done
fi

# ---- completion ----

# complete WORD...: candidates for the last word, which may be empty
candidates()
{
	bash -c '
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		compopt() { :; }
		_bondfuzz
		printf "%s\n" "${COMPREPLY[@]}"' bash "$prefix/share/bash-completion/completions/bondfuzz" "$@"
}
# offers WORD EXPECTED...: exactly these, in any order, for "bondfuzz WORD..." (words with blanks between)
offers()
{
	local words=() wanted=$2
	IFS='|' read -ra words <<<"$1|"
	expect_equal "$(candidates "$program" "${words[@]}" | sort | tr '\n' ' ')" \
		"$(tr ' ' '\n' <<<"$wanted" | sort | tr '\n' ' ')" "completion of: $1"
}
# Words are split at "|"; an empty one is the last, unless something is begun.
column() { "$program" list "$1" | awk -v c="${2:-1}" 'NR > 1 { print $c }' | tr '\n' ' ' | sed 's/ $//'; }
touch one.bond other.txt
mkdir folder
offers '' "$(echo $commands) --help --version"
offers 'che' 'check'
offers '--v' '--version'
offers 'run|--subject|' "$(column subjects)"
offers 'run|-s|hmm_v3_s' "$(column subjects | tr ' ' '\n' | grep '^hmm_v3_s' | tr '\n' ' ' | sed 's/ $//')"
offers 'run|--subject|=|mapp' mapper
offers 'run|--subject|=' "$(column subjects)"
offers 'run|--strategy|p' "$(column strategies | tr ' ' '\n' | grep '^p' | tr '\n' ' ' | sed 's/ $//')"
offers 'run|--defect|hmm_get' hmm_get_makes_a_new_one
offers 'fuzz|--until|dead_' dead_use
offers 'run|--rep' '--repeat'
offers 'run|--subject|hmm|' 'folder one.bond'
offers 'run|' 'folder one.bond'
offers 'check|o' one.bond
offers 'fuzz|--out|f' folder
offers 'list|' 'subjects ops strategies rules invariants defects events platform'
offers 'list|ru' rules
expect_equal "$(bash -c '. "$1"; complete -p bondfuzz' bash "$prefix/share/bash-completion/completions/bondfuzz")" \
	'complete -o filenames -F _bondfuzz bondfuzz'

# ---- a driver of one's own, by pkg-config and by CMake ----

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
expect_equal "$(pkg-config --modversion bondfuzz)" "$version"
cp -r "$source/examples/ring_driver" ring
cat >ring/clean.bond <<-'END'
bondfuzz 1
subject ring
mm0 = mm_create
module0 = ring_load
file0 = ring_open module0 mm0
A: ring_kick file0 1
B: ring_close file0
END
expect_exit 0 make -C ring
! grep -q 'warning:' "$err" || { cat "$err"; fail 'warnings'; }
expect_exit 0 ring/bondfuzz-ring list subjects
expect_line "$out" '^ring '
expect_exit 0 ring/bondfuzz-ring run ring/clean.bond --strategy portfolio --runs 500
# Names that drivers were written against before are kept.
expect_exit 0 "$(pkg-config --variable=compiler bondfuzz)" $(pkg-config --cflags bondfuzz) -fsyntax-only \
	-include subject/device.h -include subject/mm_ops.h ring/ring.c
expect_exit 0 cmake -S ring -B ring/build -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
	-DCMAKE_C_COMPILER="$(pkg-config --variable=compiler bondfuzz)"
expect_exit 0 cmake --build ring/build
expect_exit 0 ring/build/bondfuzz-ring run ring/clean.bond

# ---- away again ----

cp "$scratch/manifest" "$build/install_manifest.txt" # the last installation may be somebody else's
touch "$prefix/bin/theirs"
expect_exit 0 cmake --build "$build" --target uninstall
expect_equal "$(cd "$stage" && find . -type f -o -type l)" ./usr/bin/theirs 'left behind'
[ ! -e "$prefix/include/bondfuzz" ] && [ ! -e "$prefix/lib/bondfuzz" ] || fail 'folders of ours are left'
