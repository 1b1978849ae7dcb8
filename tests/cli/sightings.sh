#!/bin/bash
# Sightings break no rule: they are seen when asked for by name, and by nobody else.
set -euo pipefail
corpus=$(realpath "$(dirname "$0")/../../corpus/release")
. "$(dirname "$0")/lib.sh"

expect_exit 0 "$bondfuzz" list rules --json
sightings=$(python3 -c 'import json, sys
for row in map(json.loads, sys.stdin):
    if row["place"] == "sight":
        print(row["name"])' <"$out")
[ "$(wc -w <<<"$sightings")" -ge 10 ] || fail 'no table of sightings'

# Each has its program, whose expect lines the corpus test tries.
for name in $sightings; do
	grep -q "^expect.*: $name [a-z]*0$" "$corpus/$name.bond" || fail "$name.bond expects something else"
	grep -q '^expect: clean$' "$corpus/$name.bond" || fail "$name.bond may break a rule"
done

late=$corpus/release_late.bond
expect_exit 1 "$bondfuzz" run "$late" --until release_late --json
expect_equal "$(json_value verdict <"$out")" release_late
expect_equal "$(json_value stale <"$out")" 0
expect_exit 1 "$bondfuzz" run "$late" --until release_late:client0 --strategy portfolio
expect_line "$out" '\^\^\^ release_late: client0$'
expect_exit 0 "$bondfuzz" run "$late" --until release_late:client1
expect_exit 0 "$bondfuzz" run "$late" --until release_third

# The same run, and many others, when nobody asks.
sed '/^expect/d' "$late" >late.bond
for until in any dead_use; do
	expect_exit 0 "$bondfuzz" run late.bond --until $until
done
expect_exit 0 "$bondfuzz" run late.bond
expect_exit 0 "$bondfuzz" run late.bond --strategy portfolio --runs 3000
mkdir seeds
for name in $sightings; do
	sed '/^expect/d' "$corpus/$name.bond" >seeds/$name.bond
	sed 's/^expect.*: release.*/expect: clean/' "$corpus/$name.bond" >$name.bond
	expect_exit 0 "$bondfuzz" check --runs 500 $name.bond
done
expect_exit 0 "$bondfuzz" fuzz --subject notifier --corpus seeds --runs 3000 --time 0 --out found
[ -z "$(find found -name 'release_*')" ] || fail 'a campaign reports a sighting'

# A file that promises to be clean is held to it, whatever else it expects.
sed 's/^expect: release_late.*/expect: release_third client0/' "$late" >wrong.bond
expect_exit 1 "$bondfuzz" check --runs 100 wrong.bond
expect_line "$out" 'expected release_third:client0, got clean'
