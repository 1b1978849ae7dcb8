#!/bin/bash
# Help is asked for and comes on standard output; bad usage comes on standard error alone, with
# status 2.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for word in --help -h help; do
	expect_exit 0 "$bondfuzz" $word
	expect_line "$out" '^usage: bondfuzz COMMAND'
	expect_line "$out" '^exit status: 0 .* 1 .* 2 .* 3 '
	expect_empty "$err"
done

commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$out")
for command in run check fuzz list bench zoo; do
	grep -qx "$command" <<<"$commands" || fail "help does not name $command"
done
for command in $commands; do
	expect_exit 0 "$bondfuzz" "$command" --help
	expect_line "$out" "^Usage: bondfuzz $command"
	expect_empty "$err"
done

expect_exit 0 "$bondfuzz" run --help
cp "$out" "$scratch/run-help"
for words in 'help run' 'run -h'; do
	expect_exit 0 "$bondfuzz" $words
	cmp -s "$out" "$scratch/run-help" || fail "bondfuzz $words is not bondfuzz run --help"
done

names_options()
{
	local command=$1 option
	shift
	expect_exit 0 "$bondfuzz" "$command" --help
	for option; do
		grep -q -e "^ .*--$option\b" "$out" || fail "$command --help does not name --$option"
	done
}
names_options run subject strategy seed runs until defect unlock no-failures failures repeat trials save json quiet
names_options check runs failures repair quiet json junit
names_options repair runs dry-run json
names_options debug stop-at subject defect command batch gdb
names_options keep name dir subject defect runs json
names_options fuzz subject time runs jobs until seed corpus out defect unlock json
names_options list json
names_options stress subject generate time runs repeat seed defect out confirm stuck json
names_options bench time json
names_options zoo defect strategy trials runs jobs corpus svg signatures json
names_options minimize output subject until defect unlock runs switches-proof json quiet

refuses()
{
	local words=$1
	shift
	expect_exit 2 "$bondfuzz" "$@"
	expect_empty "$out"
	expect_line "$err" "$words"
}
refuses '^usage: bondfuzz COMMAND'
refuses "unknown command 'nonsense'" nonsense
refuses '^usage: bondfuzz COMMAND' nonsense --help
refuses "unknown command ''" ''
refuses "did you mean 'minimize'?" minimise
for command in $commands; do
	refuses "unrecognized option '--nonsense'" "$command" --nonsense
	refuses 'bondfuzz' "$command"
done
refuses 'no file given: name a file' run
refuses 'no file given: name a file' check
refuses 'no file given: name a file' bench
refuses 'no file given: name a program' minimize
refuses 'this is a folder: name one' debug .
refuses '--subject' fuzz
refuses 'subjects.*rules.*defects' list
refuses 'one table' list rules rules
refuses "'stray'" fuzz --subject hmm stray
refuses "requires an argument" run --subject

expect_equal "$(ls -A)" '' 'something was written'
