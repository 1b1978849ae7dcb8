#!/bin/bash
# A stranger's driver: installed, found by a project outside this tree, fuzzed. It is silent as it
# stands; each planted bug is found, and each finding replays from its file.
#
# usage: ring_driver.sh BINARY BUILD SOURCE
set -euo pipefail
build=$(realpath "$2")
source=$(realpath "$3")
. "$(dirname "$0")/../cli/lib.sh"

compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
cmake --install "$build" --prefix "$scratch/prefix" >"$out" || fail 'install'
cp -r "$source/examples/ring_driver" "$scratch/driver"

# project NAME PLANT
project()
{
	if ! { cmake -S "$scratch/driver" -B "$scratch/$1" -G Ninja -DCMAKE_C_COMPILER="$compiler" \
		-DCMAKE_PREFIX_PATH="$scratch/prefix" -DPLANT="$2" &&
		cmake --build "$scratch/$1"; } >"$out" 2>&1; then
		cat "$out"
		fail "the driver does not build: $1"
	fi
	! grep -q 'warning:' "$out" || { cat "$out"; fail "warnings: $1"; }
}

# replays NAME: every finding of the campaign, by itself, and its letter names the driver's code
replays()
{
	local file
	for file in "$scratch/$1.out"/findings/*/*.bond; do
		expect_exit 1 "$scratch/$1/bondfuzz-ring" run "$file"
		expect_line "$out" 'ring_ctx_\|ring_kick\|ring_work'
		expect_exit 0 "$scratch/$1/bondfuzz-ring" check "$file"
	done
}

# finds PLANT PATTERN UNTIL: some signature of the campaign matches; by day it ends with the first that UNTIL names
finds()
{
	project "$1" "$1"
	if whole; then
		expect_exit 1 "$scratch/$1/bondfuzz-ring" fuzz --json --runs 300000 --time 200 --out "$scratch/$1.out"
	else
		expect_exit 1 "$scratch/$1/bondfuzz-ring" fuzz --json --until "$3" --runs 300000 --time 200 --out "$scratch/$1.out"
	fi
	expect_line "$out" "\"signature\": *\"$2"
	replays "$1"
}

project clean ''
ring=$scratch/clean/bondfuzz-ring
expect_exit 0 "$ring" list subjects
expect_line "$out" '^ring '
! grep -q '^hmm\|^sva' "$out" || fail 'subjects of ours are in it'
expect_exit 0 "$ring" list ops
expect_line "$out" 'ring_kick'
expect_exit 0 "$ring" fuzz --runs $(whole && echo 200000 || echo 20000) --time 200 --out "$scratch/clean.out"
expect_line "$out" ' 0 findings'

# On real threads, too.
expect_exit 0 "$ring" stress --generate 200 --repeat 2 --out "$scratch/clean.stress"
expect_line "$out" '^real threads, .* 200 programs, 400 runs'

finds PLANT_1 'dead_use:ctx@ring_ctx_find+ring_ctx_free' dead_use:ctx@ring_ctx_find+ring_ctx_free
finds PLANT_2 'refcount:ctx@ring_ctx_put' refcount:ctx@ring_ctx_put
finds PLANT_3 'pending_freed:ctx@\|dead_use:ctx@worker\|dead_use:ctx@ring_work' pending_freed:ctx

# The same programs on the driver as it stands: it was the plant.
for file in "$scratch"/PLANT_?.out/findings/*/minimal.bond; do
	expect_exit 0 "$ring" run "$file"
	expect_exit 0 "$ring" run "$file" --strategy portfolio --runs 2000
done
printf 'bondfuzz 1\nsubject ring\nmm0 = mm_create\nmodule0 = ring_load\nfile0 = ring_open module0 mm0\n%s\n' \
	'A: ring_kick file0 1' >kick.bond
expect_exit 0 "$ring" bench --time 2 kick.bond
