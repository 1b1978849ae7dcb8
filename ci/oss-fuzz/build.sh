#!/bin/bash -eu
# What OSS-Fuzz and ClusterFuzzLite run in their container to build the targets; ci/oss-fuzz-check runs
# it here. From their environment: CC CXX CFLAGS CXXFLAGS LIB_FUZZING_ENGINE SANITIZER OUT SRC WORK.
#
# Into $OUT, for each clean subject: fuzz_NAME, its seeds (the programs of the tree that are about it)
# and its options. With BONDFUZZ_POSTED=1 the subjects as posted, too: they have bugs, which shows that
# a finding is heard. There is no dictionary: the targets bring a mutator of their own, which knows the
# language, and no engine's word list is asked.
source=$SRC/bondfuzz
build=$WORK/bondfuzz
case "$SANITIZER" in
address | undefined) sanitizer=$SANITIZER ;;
coverage | none) sanitizer=none ;;
*) echo "build.sh: no build for SANITIZER=$SANITIZER" >&2; exit 1 ;;
esac

subjects=$(sed -n 's/^SUBJECT(\(.*\))$/\1/p' "$source/src/subject/subject.def")
is_posted() { ls "$source/src/posted/$1.c" >/dev/null 2>&1; }
chosen=()
for subject in $subjects; do
	if ! is_posted "$subject" || [ "${BONDFUZZ_POSTED:-0}" = 1 ]; then
		chosen+=("$subject")
	fi
done

cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	-DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
	-DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_CXX_FLAGS="$CXXFLAGS" \
	-DBONDFUZZ_SANITIZER="$sanitizer" -DBONDFUZZ_TARGETS_ONLY=ON \
	-DLIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE"
ninja -C "$build" "${chosen[@]/#/fuzz_}"

# seeds NAME: programs of the subject whose ops it has, under its own name
seeds() {
	local of=${1%%_v[0-9]*} folder=$WORK/seeds/$1 file
	rm -rf "$folder"
	mkdir -p "$folder"
	grep -lrx "subject $of" "$source/corpus" "$source/bench" --include='*.bond' | while read -r file; do
		sed "s/^subject $of\$/subject $1/" "$file" >"$folder/${file##*/}"
	done
	rm -f "$OUT/fuzz_$1_seed_corpus.zip"
	(cd "$folder" && zip -q "$OUT/fuzz_$1_seed_corpus.zip" -r .)
}

for subject in "${chosen[@]}"; do
	cp "$build/fuzz/fuzz_$subject" "$OUT/"
	cp "$source/ci/oss-fuzz/fuzz.options" "$OUT/fuzz_$subject.options"
	seeds "$subject"
done
