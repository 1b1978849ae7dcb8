#!/usr/bin/env bash
# A driver's open files and their mappings in the types of a kernel tree (tests/vfs/mapped.c): what is broken in
# flush() or in a mapping that fork copied is shown, the same without it is clean. Exec and the second form of ageing
# are ops there, too. usage: files.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
nr=0

# program SUBJECT EXPECTED LINE...
program()
{
	nr=$((nr + 1))
	{ printf 'bondfuzz 1\nsubject %s\nmm0 = mm_create\n' "$1"; printf '%s\n' "${@:3}"; printf 'expect: %s\n' "$2"; } > "$dir/$nr.bond"
}

for how in 'frees_in_flush dead_use' 'rightly clean'; do
	program mapped "${how#* }" "file0 = mapped_open mm0 ${how% *}" 'A: mapped_mmap file0 mm0 0' 'A: mapped_close file0' 'A: mapped_munmap mm0 1'
	program mapped "${how#* }" "file0 = mapped_open mm0 ${how% *}" 'A: mapped_mmap file0 mm0 0' 'A: mapped_close file0' 'A: mm1 = mm_exec mm0'
done
for how in 'copies_uncounted dead_use' 'rightly clean'; do
	program mapped "${how#* }" "file0 = mapped_open mm0 ${how% *}" 'A: mapped_mmap file0 mm0 0' 'A: mm1 = mm_fork mm0' 'A: mm_exit mm1' \
		'A: mapped_touch mm0 0'
done
"$bondfuzz" check "$dir" > "$dir/out" 2>&1
[ "$(grep -c ': holds$' "$dir/out")" = "$nr" ] || { grep -v ': holds$' "$dir/out"; exit 1; }
# Sampled (2) or for reclaim (1), a page's age is forgotten. The run ends in a verdict, for which it has a letter: C09.
printf '%s\n' 'bondfuzz 1' 'subject mapper' 'mm0 = mm_create' 'context0 = mapper_open mm0 shadow' 'A: mapper_fault context0 1' \
	'A: mapper_dma context0 1' 'A: mm_age mm0 1 2' 'A: mm_age mm0 1 0' 'A: mapper_dma context0 1' 'A: mm_age mm0 1 1' 'A: mm_age mm0 1 0' \
	> "$dir/age.bond"
"$bondfuzz" run --all --no-source "$dir/age.bond" > "$dir/out" 2>&1
young=$(awk '/mm_age mm0 1/ { asked = 1 } asked && / returns [01]$/ { printf "%s", $NF; asked = 0 }' "$dir/out")
[ "$young" = 1010 ] || { echo "of a page that was used mm_age said $young"; cat "$dir/out"; exit 1; }
# Fuzzed where two files and their mappings meet: what is not broken is clean.
sed -i 's/^A: mapped_munmap/B: mapped_munmap/; /^expect/d' "$dir/3.bond"
"$bondfuzz" run -q -S portfolio --runs 1500 "$dir/3.bond" > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
