#!/bin/bash
# A path may have any byte: blanks, quotes, newlines, escapes, what turns the direction of writing, no UTF-8,
# a command. What a message says of it is harmless.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

folder=$'a b\'"\n\t\e[31m\u202e\377$(touch ran)`touch ran`;x&y<b>'
mkdir "$folder"
write_failing "$folder/p.bond"
printf '# \033[31m \377\n' | cat - "$folder/p.bond" >"$folder/bad.bond"

# harmless FILE WHAT: valid UTF-8 of characters that only stand where they are
harmless()
{
	python3 - "$1" <<-'END' || fail "not harmless: $2"
	import sys, unicodedata
	text = open(sys.argv[1], "rb").read().decode("utf-8")
	bad = [hex(ord(c)) for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\n\t"]
	sys.exit(f"{bad[:4]} in {text[:300]!r}" if bad else 0)
	END
	[ ! -e ran ] || fail "a path was run: $2"
}

# prints STATUS COMMAND...: both outputs are harmless
prints()
{
	local status=$1
	shift
	expect_exit "$status" "$bondfuzz" "$@"
	harmless "$out" "$*"
	harmless "$err" "$*"
}

# What can: the line to paste is one line, and finds the file.
prints 1 run "$folder/p.bond"
expect_line "$out" '^  see it again: '
expect_exit 1 bash -c "$(sed -n 's/^  see it again: //p' "$out")"
prints 0 check "$folder/p.bond"

# What cannot be read: the place is printed.
for command in run minimize explore stress; do
	prints 2 $command "$folder/bad.bond"
	expect_line "$err" 'bad.bond:1:3: control character 0x1b'
done
prints 2 run "$folder/missing.bond"
expect_line "$err" '\\x1b\[31m'
prints 2 triage "$folder/missing"
prints 2 report "$folder/missing" -o page.html
prints 2 fuzz --subject hmm --out "$folder/p.bond"
prints 2 $'no\e[31mcommand\377'
prints 2 check "$folder/bad.bond"
