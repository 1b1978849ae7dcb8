#!/bin/bash
# ci/soak: as many runs as were asked for, of each subject in each mode; sums are kept; findings are told.
# usage: tests/ci/soak.sh BINARY
set -euo pipefail
soak=$(realpath "$(dirname "$0")/../../ci/soak")
. "$(dirname "$0")/../cli/lib.sh"

expect_exit 0 "$soak" 80 "$bondfuzz" --subject hmm --subject sva
expect_line "$out" '^soak: [0-9]* runs (default 2[0-9], weak 2[0-9], races 2[0-9], access 2[0-9]), 0 findings$'
expect_equal "$(ls soak)" "$(printf '%s\n' {hmm,sva}-{access,default,races,weak} soak.json | sort)"

# The next start has no more to do than what is missing.
cp soak/soak.json before.json
expect_exit 0 "$soak" 80 "$bondfuzz" --subject hmm --subject sva
cmp before.json soak/soak.json
expect_exit 0 "$soak" 150 "$bondfuzz" --subject hmm --mode races --chunk 15
python3 - <<'END'
import json
parts = json.load(open("soak/soak.json"))["parts"]
assert parts["hmm-races"]["runs"] >= 150 and parts["hmm-races"]["turns"] > 3, parts
assert parts["sva-weak"] == json.load(open("before.json"))["parts"]["sva-weak"], parts
END

# Ctrl-C keeps the sums, those of the turns that it ends, too.
"$soak" 100000000 "$bondfuzz" --subject hmm --mode weak --out long >"$out" 2>&1 &
process=$!
until [ -s long/hmm-weak/campaign.json ]; do sleep 0.02; done
kill -TERM $process
status=0
wait $process || status=$?
expect_equal "$status" 130
expect_line "$out" '^soak: [0-9]* runs (weak [0-9]*), 0 findings$'
[ "$(grep -c '"runs"' long/soak.json)" = 1 ] || fail 'the sums are lost'

# The alarm, and what cannot be.
expect_exit 1 "$soak" 200 "$bondfuzz" --subject hmm_v3 --mode default --out posted
expect_line "$out" '^hmm_v3-default: [a-z_]*:.*/minimal.bond$'
expect_line "$out" ', [1-9][0-9]* finding'
cp "$bondfuzz" other
echo >>other
expect_exit 0 "$soak" 5 ./other --subject hmm --mode default --out posted
expect_line "$out" 'another binary made these sums'
[ ! -e posted/hmm_v3-default ] || fail 'findings of another binary are still there'
expect_exit 2 "$soak" 0 "$bondfuzz"
expect_exit 2 "$soak" 5 ./none
expect_exit 2 "$soak" 5 "$bondfuzz" --subject none
expect_exit 2 "$soak" 5 "$bondfuzz" --mode none
