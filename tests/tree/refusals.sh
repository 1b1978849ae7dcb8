#!/usr/bin/env bash
# What world tree says where something is missing: each case has its own words, and tests that cannot run
# count as skipped (77), never as passed.
#
# usage: refusals.sh SOURCE
. "$(dirname "$0")/lib.sh"
source=$1

kernel=$source/ci/kernel
export BONDFUZZ_KERNEL_CACHE=$scratch/cache

# An apt whose archive cannot be reached, and one that knows no such package.
mkdir -p "$scratch/unreachable" "$scratch/unknown"
cat >"$scratch/unreachable/apt-cache" <<'E2'
#!/bin/sh
case "$1 $2" in
policy*) echo "  Candidate: 6.12.1-1" ;;
"depends linux-headers-6.12-amd64") echo "  Depends: linux-headers-6.12.1-amd64" ;;
depends*) echo "  Depends: linux-headers-6.12.1-common" ;;
esac
E2
printf '#!/bin/sh\necho "E: Failed to fetch: could not connect" >&2\nexit 100\n' >"$scratch/unreachable/apt-get"
printf '#!/bin/sh\nexit 0\n' >"$scratch/unknown/apt-cache"
# One that answers and then sends nothing.
cp -r "$scratch/unreachable" "$scratch/unending"
printf '#!/bin/sh\nsleep 100\n' >"$scratch/unending/apt-get"
chmod +x "$scratch"/un*/*

expect 77 'no network' env PATH="$scratch/unreachable:$PATH" "$kernel"
expect 77 'no linux-source of 6.12' env PATH="$scratch/unknown:$PATH" "$kernel"
expect 77 'ended after 1 s' env PATH="$scratch/unending:$PATH" "$kernel" --fetch-time 1
expect 77 'no kernel 6.12 in' "$kernel" --offline
expect 77 'not built for kernel 9.9' "$kernel" --no-build --version 9.9 core
expect 2 "no part 'cores'" "$kernel" --no-build cores
expect 77 'clang-99 is missing' env BONDFUZZ_TREE_CC=clang-99 "$kernel"

# Trees and headers that are none.
mkdir -p "$scratch/tree/mm" "$scratch/headers"
expect 2 'no kernel tree' "$kernel" --tree "$scratch/tree"
mkfifo "$scratch/tree/Makefile"
expect 2 'no Makefile that can be read' timeout 20 "$kernel" --tree "$scratch/tree"
rm "$scratch/tree/Makefile"
printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$scratch/tree/Makefile"
expect 2 'make defconfig prepare' "$kernel" --tree "$scratch/tree"
expect 2 'linux-headers-*-amd64' "$kernel" --tree "$scratch/tree" --headers "$scratch/headers"

# Files that cannot be imported.
mkdir -p "$scratch/tree/include/generated" "$scratch/tree/include/linux"
touch "$scratch/tree/include/generated/autoconf.h" "$scratch/tree/include/linux/kconfig.h"
import="$source/src/tree/build/import.py"
expect 2 'not the name of a C file' "$import" --tree "$scratch/tree" --build "$scratch/tree" Makefile
touch "$scratch/tree/a.c"
expect 2 'a whole tree is wanted' "$import" --tree "$scratch/tree" --build "$scratch/tree" a.c
ln -s "$scratch/tree" "$scratch/a link; it is resolved"
expect 2 'mm/mmu_notifier.c: no such file' "$import" --tree "$scratch/a link; it is resolved" --build "$scratch/tree" a.c
mkdir -p "$scratch/tree/mm"; touch "$scratch/tree/mm/mmu_notifier.c" "$scratch/tree/a\"b.c"
expect 2 'rename it' "$import" --tree "$scratch/tree" --build "$scratch/tree" 'a"b.c'
mv "$scratch/tree" "$scratch/it's \$a \"tree\""
expect 2 'rename it' "$import" --tree "$scratch/it's \$a \"tree\"" --build "$scratch/it's \$a \"tree\"" a.c
[[ ! -e $BONDFUZZ_KERNEL_CACHE/6.12.1-1 ]] || { echo 'FAILED: half a kernel is in the cache'; failed=1; }
exit $failed
