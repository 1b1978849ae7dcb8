#!/bin/bash
# Whatever is named instead of a program: a message with its place, status 2, in time, and nothing
# written. A folder may hold anything.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# refused PATTERN ARGUMENT...: with the pattern on standard error, and no trace of it in this folder
refused()
{
	local words=$1 before
	shift
	before=$(find . -printf '%p %s %T@\n' | sort)
	expect_exit 2 "$bondfuzz" "$@"
	expect_line "$err" "$words"
	[ "$1" = check ] || expect_empty "$out"
	expect_equal "$(find . -printf '%p %s %T@\n' | sort)" "$before" "$* wrote something"
}

# A file that every command which reads programs refuses.
bad_file()
{
	local command
	for command in run check bench; do
		refused "$1" $command "$2"
	done
	refused "$1" run --json "$2"
	refused "$1" run --strategy random --save saved "$2"
}

# bad_text PLACE NAME: the file's text comes on standard input. All commands read it with the same function:
# by day one is enough.
bad_text()
{
	cat >"$2"
	if whole; then
		bad_file "^$2:$1: ." "$2"
	else
		refused "^$2:$1: ." run --strategy random --save saved "$2"
	fi
}

write_clean clean.bond

# ---- text ----

bad_text 1:1 empty.bond </dev/null
bad_text 1:1 zeros.bond < <(head -c 100 /dev/zero)
bad_text 1:1 noise.bond < <(printf '\377\376\200\n')
bad_text '[0-9]*:[0-9]*' large.bond < <(head -c 10000000 /dev/zero | tr '\0' '#')
bad_text '[0-9]*:[0-9]*' lines.bond < <(yes '# again' | head -c 10000000)
bad_text '[0-9]*:[0-9]*' zeros10m.bond < <(head -c 10000000 /dev/zero)
bad_text 1:11 returns.bond < <(sed 's/$/\r/' clean.bond)
bad_text 3:6 nul.bond < <(sed '3s/ = /\x00/; 3s/mm0/mm000/' clean.bond)
bad_text 2:9 subject.bond < <(sed 's/subject hmm/subject nothing/' clean.bond)
bad_text 6:4 op.bond < <(sed 's/A: hmm_mirror_unregister/A: hmm_mirror_unregistre/' clean.bond)
expect_line "$err" 'hmm_mirror_unregister'
bad_text 4:31 unbound.bond < <(sed 4d clean.bond)
bad_text 6:26 later.bond < <(sed '6s/mirror0/mirror1/' clean.bond)
bad_text 10:11 strategy.bond < <(sed 's/^schedule:/schedule: nothing seed=1/' clean.bond)
bad_text 10:23 seed.bond < <(sed 's/^schedule:/schedule: random seed=18446744073709551616/' clean.bond)
bad_text 10:23 negative.bond < <(sed 's/^schedule:/schedule: random seed=-1/' clean.bond)
bad_text 6:17 number.bond < <(sed '6s/.*/A: mm_fault mm0 99999999999999999999/' clean.bond)
bad_text 6:17 page.bond < <(sed '6s/.*/A: mm_fault mm0 -1/' clean.bond)
bad_text '[0-9]*:1' truncated.bond < <(head -c 14 clean.bond)

# ---- what is no program at all ----

bad_file '^bondfuzz: missing.bond: ' missing.bond
bad_file '^bondfuzz: clean.bond/below: ' clean.bond/below
mkdir nothing below.bond
bad_file '^bondfuzz: nothing: no \*.bond' nothing
bad_file '^bondfuzz: below.bond: no \*.bond' below.bond
mkfifo fifo.bond
bad_file '^fifo.bond: .*not a regular file' fifo.bond
bad_file '^/dev/zero: .*not a regular file' /dev/zero
bad_file '^/dev/null: .*not a regular file' /dev/null
ln -s loop.bond loop.bond
bad_file '^bondfuzz: loop.bond: ' loop.bond
bad_file ': ' "$(head -c 5000 /dev/zero | tr '\0' 'x')"
refused ': ' run ''
(mkdir deep; cd deep; for i in $(seq 200); do mkdir d; cd d; done; cp "$scratch/here/clean.bond" .)
bad_file 'deep.*nested too deep' deep
mkdir holds_a_fifo holds_a_loop
mkfifo holds_a_fifo/x.bond
ln -s x.bond holds_a_loop/x.bond
bad_file '^holds_a_fifo/x.bond: ' holds_a_fifo
bad_file '^holds_a_loop/x.bond: ' holds_a_loop

# A folder that leads back to itself is a folder like any other.
mkdir back
cp clean.bond back/
ln -s . back/a
ln -s ../back back/b
expect_exit 0 "$bondfuzz" run back
expect_equal "$(wc -l <"$out")" 1 'programs in it'

# ---- files that may not be read ----

cp clean.bond locked.bond
chmod 000 locked.bond
mkdir -m 000 shut
as_nobody=
if [ "$(id -u)" = 0 ]; then
	as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	chmod 755 "$scratch" .
fi
if $as_nobody "$bondfuzz" help >/dev/null 2>&1; then
	for command in run check bench; do
		expect_exit 74 $as_nobody "$bondfuzz" $command locked.bond
		expect_line "$err" '^locked.bond: Permission denied'
		expect_exit 74 $as_nobody "$bondfuzz" $command shut
		expect_line "$err" 'shut: Permission denied'
	done
else
	echo 'skipped: files that may not be read'
fi
chmod 700 shut locked.bond

# ---- names that shells stumble over ----

awkward=$'a "name" of it\'s own\n$(touch ran) \\ *.bond'
cp clean.bond "$awkward"
expect_exit 0 "$bondfuzz" run "$awkward"
expect_exit 0 "$bondfuzz" run --json "$awkward"
expect_equal "$(json_value file <"$out")" "$awkward"
echo nonsense >"$awkward"
bad_file ' \\ \*.bond:1:1: ' "$awkward"
cp clean.bond $'\377.bond'
expect_exit 0 "$bondfuzz" run --json $'\377.bond'
check_json "$out" 1 file:text
cp clean.bond ./-s.bond
expect_exit 0 "$bondfuzz" run -- -s.bond
[ ! -e ran ] || fail 'a name was run'

# ---- options ----

for number in -1 ' -1' +1 ' 1' '' 0x10 1e3 1.5 one 18446744073709551616 99999999999999999999999; do
	refused '^bondfuzz: --runs wants a number' run clean.bond --strategy random --runs "$number"
done
for number in -1 18446744073709551616; do
	refused '^bondfuzz: --seed wants a number' run clean.bond --strategy random --seed "$number"
	refused '^bondfuzz: --runs wants a number' check clean.bond --runs "$number"
	refused '^bondfuzz: --time wants a number' bench clean.bond --time "$number"
	refused '^bondfuzz: --time wants a number' fuzz --subject hmm --time "$number"
done
for option in runs repeat trials; do
	refused "^bondfuzz: --$option wants a number" run clean.bond --strategy random --$option 0
done
refused '^bondfuzz: --runs wants a number' fuzz --subject hmm --runs 0
refused '^bondfuzz: --seed wants a number' fuzz --subject hmm --seed 4294967296
refused '^bondfuzz: --time wants a number' bench clean.bond --time 0
refused 'give --strategy' run clean.bond --trials 3
refused "no subject 'nothing'; there are: .*hmm_v3" run clean.bond --subject nothing
refused "no subject 'nothing'; there are: .*hmm_v3" fuzz --subject nothing
refused "no strategy 'nothing'; there are: .*surw" run clean.bond --strategy nothing
refused "defect 'nothing'" run clean.bond --defect nothing
refused "defect 'nothing'" fuzz --subject hmm --defect nothing
refused "not 'nothing'" run clean.bond --unlock nothing
refused "not 'nothing'" fuzz --subject hmm --unlock nothing
refused 'list what' list nothing
refused '^clean.bond: .*hmm.*sva' run clean.bond --subject sva
sed 's/hmm_device_register/sva_device_enable 0/; /hmm/d; /mirror/d; /device_free/d' clean.bond |
	sed '1a\subject sva' >sva.bond
expect_exit 0 "$bondfuzz" run sva.bond
refused '^sva.bond: .*sva.*hmm' run sva.bond --subject hmm
refused 'clean.bond: ' fuzz --subject hmm --runs 10 --out clean.bond
refused 'clean.bond/x: ' fuzz --subject hmm --runs 10 --out clean.bond/x
refused 'clean.bond: ' fuzz --subject hmm --runs 10 --corpus clean.bond --out nothing
