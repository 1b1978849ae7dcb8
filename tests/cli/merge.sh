#!/bin/bash
# Merging keeps everything that the inputs show, in fewer files, and leaves what it reads alone.
set -euo pipefail
leaks=1
. "$(dirname "$0")/lib.sh"

expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 60000 --time 90 --out campaign --corpus "it's all"
before=$(cd "it's all" && sha1sum -- *)
expect_exit 0 "$bondfuzz" merge --subject hmm --json --into kept "it's all"
check_json "$out" 1 subject:text inputs:whole kept:whole features:whole
expect_equal "$(json_value inputs <"$out")" "$(ls "it's all" | wc -l)"
features=$(json_value features <"$out")
kept=$(json_value kept <"$out")
[ "$features" -gt 100 ] || fail "only $features features"
[ "$kept" -gt 10 ] || fail "only $kept inputs"
expect_equal "$kept" "$(ls kept | wc -l)"
expect_equal "$(cd "it's all" && sha1sum -- *)" "$before" 'the folder that was read'
contents() { (cd "$1" && sha1sum -- * | cut -c-40 | sort); }
expect_equal "$(comm -23 <(contents kept) <(contents "it's all"))" '' 'from nowhere'

# What is left shows it all; half of it does not.
expect_exit 0 "$bondfuzz" merge --subject hmm --json --into again kept
expect_equal "$(json_value features <"$out")" "$features" 'features after another merge'
mkdir half
find kept -type f | sort | sed -n "1,$((kept / 2))p" | xargs -I{} cp {} half
expect_exit 0 "$bondfuzz" merge --subject hmm --json --into third half
[ "$(json_value features <"$out")" -lt "$features" ] || fail 'half of it shows as much'

# Added to what is there already, which stays.
expect_exit 0 "$bondfuzz" merge --subject hmm --into half kept
expect_line "$out" '^hmm: .* inputs kept, with '
expect_exit 0 "$bondfuzz" merge --subject hmm --json --into fourth half
expect_equal "$(json_value features <"$out")" "$features" 'features of both'

# An input that is no program is no reason to stop; a folder that is not there is.
echo 'no program' >kept/broken
expect_exit 0 "$bondfuzz" merge --subject hmm --into fifth kept
expect_exit 2 "$bondfuzz" merge --subject hmm --into sixth nowhere
expect_line "$err" '^bondfuzz: nowhere: '
expect_exit 2 "$bondfuzz" merge --subject hmm --into kept/broken kept
expect_line "$err" '^bondfuzz: kept/broken: '
expect_exit 2 "$bondfuzz" merge --subject hmm --into seventh
expect_line "$err" 'no folders given'
expect_exit 2 "$bondfuzz" merge --into seventh kept
expect_line "$err" 'no subject given'
expect_exit 2 "$bondfuzz" merge --subject nobody --into seventh kept
