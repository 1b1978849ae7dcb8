#!/usr/bin/env bash
# Looking for data races over a kernel's own core: data_race() of its headers is none, a plain access to
# the same word is one. usage: races.sh BONDFUZZ-VERSION; exit 77: that was not built.
set -u
bondfuzz=$1
[ -x "$bondfuzz" ] || { echo "skipped: $bondfuzz is not built (cmake -DBONDFUZZ_KERNELS)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for how in good bad; do
	printf 'bondfuzz 1\nsubject classes\nA: race %s\nB: race %s\n' $how $how > "$dir/$how.bond"
done
"$bondfuzz" run -q --races -S portfolio --runs 300 "$dir/good.bond" > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
"$bondfuzz" run --races -S portfolio --runs 300 --until data_race@op_race+op_race "$dir/bad.bond" > "$dir/out" 2>&1
[ $? = 1 ] || { echo "no race was shown:"; cat "$dir/out"; exit 1; }
