"""What ci/kernel does with a program of world tree: check the corpus, fuzz, and compare with what is known.

A part is "core" (our drivers over the tree's mm/mmu_notifier.c), or a bench: a folder of src/tree/bench.
A part's checksum is that of the files of the tree which it tests: mm/mmu_notifier.c and the bench's own.
"""
import glob
import hashlib
import json
import os
import re
import subprocess
import tempfile

import bench
import kernel
import kernel_cover

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
CORE = "mm/mmu_notifier.c"
KNOWN = os.path.join(ROOT, "tests/tree/known.list")
OUTCOMES = ("holds", "skipped", "repaired", "untried", "stale", "lost", "broken") # the worst last


# ---- what there is ----

def source(folder):
    found, = glob.glob(os.path.join(folder, "linux-source-*"))
    return found


def headers(folder):
    found, = glob.glob(os.path.join(folder, "usr/src/linux-headers-*-amd64"))
    return found


def series(folder):
    found = glob.glob(os.path.join(folder, "linux-source-*"))
    return os.path.basename(found[0]).removeprefix("linux-source-") if found else None


def program(build, folder, part):
    name = f"bondfuzz-{series(folder)}" + ("" if part == "core" else f"-{part}")
    return os.path.join(build, "src/tree", name)


def files_of(part):
    """The files of the tree that @part tests."""
    return [CORE] + ([] if part == "core" else bench.tests(part))


def checksum(tree, files):
    digest = hashlib.sha256()
    for file in files:
        with open(os.path.join(tree, file), "rb") as f:
            digest.update(f.read())
    return digest.hexdigest()[:16]


def known(digest):
    """{(kind, subject or file, what)} of the files with this checksum; None: they are unknown."""
    with open(KNOWN, encoding="utf-8") as f:
        return rows_for(digest, [line.split("#", 1)[0].split() for line in f])


def rows_for(digest, lines):
    """The rows of @digest; what is known of other files that it is said to be as holds for it, too."""
    own = [tuple(words[1:]) for words in lines if words[:1] == [digest]]
    rows = {row for row in own if row[0] != "as"}
    for other in (row[1] for row in own if row[0] == "as"):
        rows |= {tuple(words[1:]) for words in lines if words[0:1] == [other] and words[1] != "as"}
    return rows if own else None


# ---- a program ----

def rows_of(words):
    """What a command prints with --json."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode not in (0, 1):
        print(f"`{' '.join(words[:2])}` ended with {done.returncode}: {done.stderr.strip()[-400:]}", flush=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], done.returncode


def subjects(path):
    return [row["name"] for row in rows_of([path, "list", "subjects", "--json"])[0] if not row["posted"]]


def check(path):
    """outcome -> [(file, why)], a file by the worst of its lines. Files that are for another program are counted by what they name."""
    worst, found = {}, {}
    for row in rows_of([path, "check", "--json", "corpus"])[0]:
        if "file" not in row:
            continue
        now, old = row["outcome"], worst.get(row["file"], ("holds", ""))
        if now == "skipped":
            worst[row["file"]] = (f"skipped for {row['on']} ({row['why']})", "")
        elif OUTCOMES.index(now) >= OUTCOMES.index(old[0]):
            worst[row["file"]] = (now, row.get("signature") or row.get("why") or "")
    for file in sorted(glob.glob("corpus/**/*.bond", root_dir=ROOT, recursive=True)):
        outcome, why = worst.get(file, ("lost", "the check ended before it"))
        found.setdefault(outcome, []).append((file, why))
    return found


def fuzz(path, subject, seconds, runs, cover=None):
    """The summary of a campaign, with its findings: signature -> after how many runs; and what @cover says of its coverage."""
    words = [path, "fuzz", "--subject", subject, "--time", str(seconds), "--json"] + (["--runs", str(runs)] if runs else [])
    with tempfile.TemporaryDirectory() as out:
        rows, status = rows_of([*words, "--out", f"{out}/o", *(["--coverage", f"{out}/c"] if cover else [])])
        if cover and os.path.exists(f"{out}/c"):
            cover(subject, f"{out}/c")
    summary = next((r for r in rows if r.get("summary")), {})
    found = [r for r in rows if "signature" in r]
    return {**summary, "status": status, "found": {r["signature"]: r.get("runs") for r in found},
            "follows": {plain(r["signature"]): plain(r["follows"]) for r in found if r.get("follows")}}


# ---- a part ----

def plain(signature):
    """A signature without the condition of a WARN, whose text is the tree's."""
    return signature.partition("=")[0]


def is_known(expected, subject, at, follows):
    """Is the finding @at one of those, or does it follow from one in each run that shows it?"""
    return any({("fuzz", subject, place), ("finds", subject, place)} & expected for place in (at, follows.get(at)))


def is_known_race(expected, signature):
    """Is it a data race between two functions that are known to have one? The object may be of any driver."""
    found = re.match(r"data_race:[^@]*@(.*)", signature)
    return bool(found) and ("race", found.group(1)) in expected


def wrong_of(result, runs):
    """What is not as tests/tree/known.list has it; None: nothing is known about these files."""
    expected = result["known"]
    failed = [f"fuzz {s}: exit status {r['status']}" for s, r in result["fuzz"].items() if r["status"] not in (0, 1)]
    if expected is None:
        return failed or None
    for s, r in result["fuzz"].items():
        found = {plain(sig): sig for sig in r["found"]}
        failed += [f"fuzz {s}: {sig}" for at, sig in found.items() if
                   not is_known(expected, s, at, r.get("follows", {})) and not is_known_race(expected, at)]
        if runs and r.get("runs", 0) >= runs:
            failed += [f"fuzz {s}: not found: {row[2]}" for row in sorted(expected)
                       if row[:2] == ("finds", s) and row[2] not in found]
    for outcome in ("broken", "lost", "stale"):
        failed += [f"corpus {outcome}: {file} ({why})" for file, why in result["corpus"].get(outcome, [])
                   if ("corpus", outcome, file) not in expected and not is_known_race(expected, why)]
    return failed


def say_corpus(corpus, tell):
    tell("corpus: " + ", ".join(f"{len(files)} {outcome}" for outcome, files in corpus.items()))
    for outcome in ("broken", "lost", "stale"):
        for file, why in corpus.get(outcome, []):
            tell(f"  {outcome}: {file} {why}")


def part(path, tree, name, seconds, runs, cover, tell):
    """
    Everything about one part: the corpus where it is ours, and a campaign for each subject; @cover: how far they came, too.
    @tell gets each line of text when it is known.
    """
    files = files_of(name)
    result = {"part": name, "version": ".".join(str(n) for n in kernel.version_of(tree)), "files": files,
              "checksum": checksum(tree, files), "fuzz": {}}
    result["title"] = result["version"] + (", repaired" if tree.endswith("-repaired") else "")
    result["known"] = known(result["checksum"])
    tell(f"kernel {result['title']}: {name}: {' '.join(files)}: checksum {result['checksum']}")
    names = subjects(path)
    result["corpus"] = check(path) if name == "core" else {}
    if result["corpus"]:
        say_corpus(result["corpus"], tell)
    places, covered = kernel_cover.Places(path, tree), {}
    def look(subject, file):
        covered[subject] = kernel_cover.take(places, file, files)
    for subject in names:
        row = result["fuzz"][subject] = fuzz(path, subject, seconds, runs, look if cover else None)
        rate = row.get("runs", 0) / max(row.get("seconds", 1), 0.001)
        tell(f"{subject}: {row.get('runs', 0):,} runs, {rate:,.0f} a second, {row.get('not_modelled', 0)} ended in a stub; "
             f"{', '.join(row['found']) or 'nothing found'}")
    result["covered"] = {subject: {file: kernel_cover.numbers(f) for file, f in found.items()} for subject, found in covered.items()}
    result["covered_by_all"] = {file: kernel_cover.numbers(f) for file, f in kernel_cover.union(covered.values()).items()}
    result["wrong"] = wrong_of(result, runs)
    return result


def say(result):
    """Returns: the exit status."""
    if result["wrong"] is None:
        print(f"kernel {result['title']}: {result['part']}: no expectations for these files (tests/tree/known.list); nothing fails")
    for line in result["wrong"] or []:
        print(f"kernel {result['title']}: {result['part']}: not expected: {line}")
    return 1 if result["wrong"] else 0
