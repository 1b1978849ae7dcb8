#!/usr/bin/env bash
# The letter in the README is the one that is printed. usage: readme.sh BONDFUZZ
set -euo pipefail
bondfuzz=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

printed=$(NO_COLOR=1 "$bondfuzz" run corpus/scenario/2015-device-race.bond --subject hmm_v3 || true)
printed=$(sed -n '/^dead_use: device0/,/see it again/p' <<<"$printed" | sed "s#$bondfuzz#build/release/bondfuzz#")
shown=$(sed -n '/^dead_use: device0/,/see it again/p' README.md)
[[ -n $shown ]] || { echo "the README has no letter"; exit 1; }
# Where a line stands in its file is of today.
diff <(sed 's/\.c:[0-9]*/.c/g' <<<"$shown") <(sed 's/\.c:[0-9]*/.c/g' <<<"$printed")
