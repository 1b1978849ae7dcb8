#!/bin/bash
# Two programs side by side: the same one differs in nothing; one with the bugs of 2015 introduces them,
# and the other way round they are fixed.
set -euo pipefail
corpus=$(realpath "$(dirname "$0")/../../corpus")
. "$(dirname "$0")/lib.sh"

# A program in which the subject hmm is @1: what a patched tree is to an unpatched one.
program() # FILE SUBJECT
{
	cat >"$1" <<-EOF
		#!/bin/bash
		command=\$1; shift
		case \$command in
		run) exec '$bondfuzz' run --subject $2 "\$@" ;;
		fuzz) exec '$bondfuzz' fuzz "\${@/#hmm/$2}" ;;
		*) exec '$bondfuzz' \$command "\$@" ;;
		esac
	EOF
	chmod +x "$1"
}
program 'before it' hmm
program after hmm_v3

expect_exit 0 "$bondfuzz" compare --subject hmm --time 1 --corpus "$corpus/found" --out same "$bondfuzz" "$bondfuzz"
expect_line "$out" '^  no difference$'
expect_line "$out" 'runs on A, [1-9][0-9]* on B, seed 1$'
[ -d same/hmm-A ] && [ -d same/hmm-B ] || fail 'no campaign folders'

expect_exit 1 "$bondfuzz" compare --json --subject hmm --time 3 --runs 3000 --out worse "./before it" ./after
[ "$(grep -c '"kind":"introduced"' "$out")" -gt 0 ] || fail 'nothing introduced'
expect_equal "$(grep -c '"kind":"fixed"' "$out" || true)" 0 'fixed'
expect_exit 0 "$bondfuzz" compare --format md --subject hmm --time 3 --runs 3000 --out better ./after "./before it"
expect_line "$out" '^### fixed: [1-9]'
expect_line "$out" '^    ./after run better/'

# What cannot be compared is said.
expect_exit 2 "$bondfuzz" compare "$bondfuzz"
expect_exit 2 "$bondfuzz" compare "$bondfuzz" ./nothing
expect_line "$err" 'nothing: this is no bondfuzz that can be started'
expect_exit 2 "$bondfuzz" compare --subject nothing "$bondfuzz" "$bondfuzz"
expect_line "$err" 'no subject of that name in common'
expect_exit 2 "$bondfuzz" compare --format xml "$bondfuzz" "$bondfuzz"
