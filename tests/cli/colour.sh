#!/bin/bash
# Colours are for terminals, and for those who have not set NO_COLOR.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

escape=$'\033'
no_codes() { ! grep -q "$escape" "$1" || fail "escape codes in: $2"; }

write_failing failing.bond
expect_exit 1 "$bondfuzz" run failing.bond
no_codes "$out" run
no_codes "$err" run
expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 300 --out out
no_codes "$out" fuzz
no_codes "$err" fuzz

if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	echo 'skipped: no terminal to be had from script(1)'
	exit 0
fi

# on_terminal COMMAND...: its output as a terminal gets it
on_terminal()
{
	expect_exit 1 env "$@" script -qec "'$bondfuzz' run failing.bond" /dev/null
	expect_line "$out" 'leak: hmm'
}
on_terminal TERM=xterm
expect_line "$out" "$escape\\[1;31m"
expect_equal "$(grep -o "$escape\\[[1-9][0-9;]*m" "$out" | wc -l)" "$(grep -o "$escape\\[0m" "$out" | wc -l)" \
	'colours that are switched off again'
on_terminal TERM=xterm NO_COLOR=
expect_line "$out" "$escape\\[1;31m"
on_terminal TERM=xterm NO_COLOR=1
no_codes "$out" 'run with NO_COLOR'
