#!/usr/bin/env bash
# The letter in the README is the one that is printed. usage: readme.sh BONDFUZZ
set -euo pipefail
bondfuzz=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

printed=$(NO_COLOR=1 "$bondfuzz" run corpus/scenario/2015-device-race.bond --subject hmm_v3 || true)
printed=$(sed -n '/^dead_use: device0/,/see it again/p' <<<"$printed" | sed "s#$bondfuzz#build/release/bondfuzz#")
shown=$(sed -n '/^dead_use: device0/,/see it again/p' README.md)
[[ -n $shown ]] || { echo "the README has no letter"; exit 1; }
diff <(echo "$shown") <(echo "$printed")
