# For the tests beside it: what a command says and how it ends. Sourced; sets scratch, which goes at the end, failed, and said by expect.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

expect() { # STATUS WORDS COMMAND...
	local status=$1 words=$2 code
	shift 2
	said=$("$@" 2>&1)
	code=$?
	if [[ $code -ne $status || $said != *"$words"* ]]; then
		echo "FAILED: $* ended with $code and said:"
		echo "$said" | tail -5
		failed=1
	fi
}
