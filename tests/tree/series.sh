#!/usr/bin/env bash
# ci/series: what it refuses, on a tree of three files; and with --whole a repair of radeon_mn.c from end to end.
#
# usage: series.sh SOURCE [--whole]     exit 77 with --whole: there is no kernel in the cache
. "$(dirname "$0")/lib.sh"
source=$(realpath "$1")

series() { "$source/ci/series" --out "$scratch/out" "$@"; }

if [[ ${2-} == --whole ]]; then
	tree=$(find "${BONDFUZZ_KERNEL_CACHE:-$HOME/.cache/bondfuzz/kernel}" -mindepth 2 -maxdepth 2 -name 'linux-source-6.12' 2>/dev/null |
		sort -V | tail -n 1)
	[[ -n $tree ]] || { echo "skipped: no kernel 6.12 in the cache"; exit 77; }
	"$source/src/tree/build/repair.py" --tree "$tree" radeon >"$scratch/fix.patch"
	expect 0 fixed series --tree "$tree" --headers "$(echo "${tree%/*}"/usr/src/linux-headers-*-amd64)" --patch "$scratch/fix.patch" \
		--time 5 --format md -- drivers/gpu/drm/radeon/radeon_mn.c
	exit $failed
fi

tree=$scratch/tree
mkdir -p "$tree/mm" "$tree/include/generated" "$tree/include/linux"
printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$tree/Makefile"
touch "$tree/include/generated/autoconf.h" "$tree/include/linux/kconfig.h"
printf 'int a;\n' >"$tree/mm/mmu_notifier.c"
patch_of() { printf -- '--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n-%s\n+int b;\n' "$1" "$1" "$2"; }
patch_of mm/mmu_notifier.c 'int a;' >"$scratch/good.patch"
patch_of mm/mmu_notifier.c 'int z;' >"$scratch/other.patch"
patch_of ../../outside 'int a;' >"$scratch/leaves.patch"

expect 2 'the following arguments are required' series --tree "$tree"
expect 2 'none.patch: cannot be read' series --tree "$tree" --patch "$scratch/none.patch" -- mm/mmu_notifier.c
expect 2 'leaves.patch: line 1: no path' series --tree "$tree" --patch "$scratch/leaves.patch" -- mm/mmu_notifier.c
expect 2 'other.patch does not apply' series --tree "$tree" --patch "$scratch/other.patch" -- mm/mmu_notifier.c
expect 2 'Makefile: no patch' series --tree "$tree" --patch "$tree/Makefile" -- mm/mmu_notifier.c
expect 2 'an earlier call' "$source/ci/series" --out "$scratch" --tree "$tree" --patch "$scratch/good.patch" -- mm/mmu_notifier.c
expect 2 'is in the tree' "$source/ci/series" --out "$tree/out" --tree "$tree" --patch "$scratch/good.patch" -- mm/mmu_notifier.c
expect 2 'mm/other.c has no bench here' series --tree "$tree" --patch "$scratch/good.patch" -- mm/other.c
expect 2 'no kernel tree' series --tree "$scratch" --patch "$scratch/good.patch" -- mm/mmu_notifier.c
[[ $(cat "$tree/mm/mmu_notifier.c") == 'int a;' ]] || { echo 'FAILED: the tree itself was patched'; failed=1; }
exit $failed
