"""docs/KERNELS.md, from what runs of ci/kernel --record kept: a file of docs/kernels for each kernel and part."""
import glob
import json
import os

import bench
import kernel_run

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
PAGE = os.path.join(ROOT, "docs/KERNELS.md")
RECORDS = os.path.join(ROOT, "docs/kernels")
WHY = os.path.join(ROOT, "tests/tree/unreached.list")
ENOUGH = 70 # percent of a file's edges: below it is said what is missing

TITLE = """# Kernels

Files of real kernels, unmodified, and copies in which everything that is known is repaired: our drivers over `mm/mmu_notifier.c`, and
the benches of `src/tree/bench`. Written by `ci/kernel --doc` from `docs/kernels`, where `ci/kernel --record` keeps what it saw: change
nothing here by hand. [YOUR-KERNEL.md](YOUR-KERNEL.md) says how to do the same with a tree of yours.

Each row is one campaign from nothing, seed 1, on one process, by the command in its last column; other work may have run beside it, so runs a second are
low rather than high. A finding is known if `tests/tree/known.list` has it for these very files;
[KERNEL-FINDINGS.md](KERNEL-FINDINGS.md) says what it is. *Stubs* is how many runs ended in a call that nobody models, and how many
such calls the bench answers with a value. *Functions* and *edges* are those of the file that were reached, of all that it has as compiled
(an edge is one counter of the compiler; what is inlined everywhere is no function of its own).
"""


# ---- records ----

def record(result, command):
    """What is kept of a result: numbers and names. The text of a WARN is the tree's and is left out."""
    fuzz = {}
    for subject, row in result["fuzz"].items():
        kept = {key: row.get(key, 0) for key in ("seconds", "runs", "not_modelled")}
        kept["seconds"] = round(kept["seconds"], 1)
        kept["found"] = {s.partition("=")[0]: runs for s, runs in sorted(row["found"].items())}
        kept["follows"] = row.get("follows", {})
        kept["stubs"] = sorted({s["call"].partition(",")[0] for s in row.get("stubs") or []})
        kept["covered"] = {file: {k: n for k, n in c.items() if k != "left"}
                           for file, c in result["covered"].get(subject, {}).items()}
        fuzz[subject] = kept
    corpus = {outcome: len(files) if outcome == "holds" or outcome.startswith("skipped") else files
              for outcome, files in result["corpus"].items()}
    return {"title": result["title"], "part": result["part"], "files": result["files"], "checksum": result["checksum"],
            "command": command, "corpus": corpus, "fuzz": fuzz, "covered": result["covered_by_all"], "symbols": result["symbols"]}


def name_of(r):
    return f"{r['title'].replace(', ', '-')}-{r['part']}.json"


def keep(result, command):
    os.makedirs(RECORDS, exist_ok=True)
    r = record(result, command)
    with open(os.path.join(RECORDS, name_of(r)), "w", encoding="utf-8") as f:
        json.dump(r, f, indent=1, sort_keys=True)
        f.write("\n")


def version(title):
    return [int(n) for n in title.partition(",")[0].split(".")], "," in title


def records():
    """In the order of the page: newest kernel first, a repaired copy behind its kernel, the core first."""
    rows = []
    for path in glob.glob(os.path.join(RECORDS, "*.json")):
        with open(path, encoding="utf-8") as f:
            rows.append(json.load(f))
    rows.sort(key=lambda r: (r["part"] != "core", r["part"]))
    rows.sort(key=lambda r: version(r["title"])[1])
    return sorted(rows, key=lambda r: version(r["title"])[0], reverse=True)


# ---- rows ----

def finding(row, subject, signature, known):
    """A signature, after how many runs it came, and whether it was known."""
    place, runs = signature.partition("=")[0], row["found"][signature]
    follows = row.get("follows", {})
    state = "files not known" if known is None else "known" if kernel_run.is_known(known, subject, place, {}) else \
        f"follows from `{follows[place]}`" if kernel_run.is_known(known, subject, place, follows) else "NEW"
    return f"`{place}`" + (f" after {runs:,}" if runs else "") + f" ({state})"


def share(part, whole):
    return f"{part} of {whole}"


def reached(covered):
    """Two columns."""
    if not covered:
        return "- | -"
    percent = 100 * covered["passed"] // max(covered["edges"], 1)
    return f"{share(covered['entered'], covered['functions'])} | {share(covered['passed'], covered['edges'])} ({percent} %)"


def answered(part):
    """The names that a bench answers by a value."""
    if part == "core":
        return []
    with open(os.path.join(bench.FOLDER, part, "stubs.txt"), encoding="utf-8") as f:
        return [line.partition("=")[0].strip() for line in f if "=" in line and not line.startswith("#")]


HEAD = ["| kernel | file | checksum | tested by | seconds | runs | a second | found | stubs | functions | edges | command |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]


def rows_of(r):
    known, file = kernel_run.known(r["checksum"]), r["files"][-1]
    for name, row in r["fuzz"].items():
        found = ", ".join(finding(row, name, s, known) for s in row["found"]) or "-"
        stubs = f"{row['not_modelled']} / {len(answered(r['part']))}" + "".join(f" `{s}`" for s in row["stubs"])
        yield (f"| {r['title']} | `{file}` | `{r['checksum']}` | {name} | {row['seconds']:.0f} | {row['runs']:,} | "
               f"{row['runs'] / max(row['seconds'], 0.001):,.0f} | {found} | {stubs} | {reached(row['covered'].get(file))} | "
               f"`{r['command']}` |")
    if len(r["fuzz"]) > 1:
        runs = sum(row["runs"] for row in r["fuzz"].values())
        yield (f"| {r['title']} | `{file}` | `{r['checksum']}` | all {len(r['fuzz'])} | "
               f"{sum(row['seconds'] for row in r['fuzz'].values()):.0f} | {runs:,} | | | | {reached(r['covered'].get(file))} | "
               f"`{r['command']}` |")


def table(rows):
    return ["## Campaigns", "", *HEAD, *[line for r in rows for line in rows_of(r)], ""]


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return sum(1 for _ in f)


def sizes(rows):
    """How large each bench is."""
    lines = ["## Benches", "", "| bench | lines | stubs with a value |", "| --- | --- | --- |"]
    for part in sorted({r["part"] for r in rows} - {"core"}):
        folder = os.path.join(bench.FOLDER, part)
        total = sum(map(lines_of, glob.glob(os.path.join(folder, "*.c")) + glob.glob(os.path.join(folder, "*.def"))))
        lines.append(f"| {part} | {total} | {', '.join(f'`{s}`' for s in answered(part)) or '-'} |")
    return lines + [""]


def symbols(rows):
    """Of each part's files, the names that they leave undefined, by who answers: price.py says what the classes are."""
    classes = ["hooks", "primitives", "library", "models", "nothing", "zeros", "stubs"]
    lines = ["## Symbols", "", "Names that the files leave undefined, by who answers them ([YOUR-KERNEL.md](YOUR-KERNEL.md) explains the classes). What "
             "a bench defines itself, and what it never calls, is among the stubs.", "",
             f"| kernel | file | {' | '.join(classes)} |", "| --- | --- |" + " --- |" * len(classes)]
    for r in rows:
        if r.get("symbols"): # records of earlier versions have none
            lines.append(f"| {r['title']} | `{r['files'][-1]}` | {' | '.join(str(r['symbols'][c]) for c in classes)} |")
    return lines + [""] if len(lines) > 6 else []


def corpus(r):
    found = r["corpus"]
    counts = ", ".join(f"{files if isinstance(files, int) else len(files)} {outcome}" for outcome, files in sorted(found.items()))
    lines = [f"### {r['title']}", "", f"`{r['command']}`: {counts}.", ""]
    for outcome in ("broken", "lost", "stale"):
        whys = {}
        for file, why in found.get(outcome, []):
            whys.setdefault(why.partition("=")[0], []).append(file.removeprefix("corpus/"))
        lines += [f"* {len(files)} {outcome}" + (f", `{why}`" if why else "") + ": " + ", ".join(f"`{f}`" for f in files)
                  for why, files in sorted(whys.items())]
    return lines + [""] if lines[-1] else lines


def corpora(rows):
    return ["## Corpus", "", "`check corpus` of the program that has our drivers over the kernel's core. A file is broken if a subject "
            "that it expects to be clean is not.", "", *[line for r in rows if r["corpus"] for line in corpus(r)]]


# ---- what is not reached ----

def reasons():
    """(file, function) -> why campaigns do not enter it"""
    found = {}
    with open(WHY, encoding="utf-8") as f:
        for line in f:
            head, _, why = line.partition(": ")
            words = head.split()
            if not line.startswith("#") and len(words) == 2:
                found[tuple(words)] = why.strip()
    return found


def missing(file, covered, why):
    """The functions that were not entered, then those of which little was passed."""
    left = sorted(covered["left"].items(), key=lambda row: (row[1][0] > 0, row[0]))
    for f, (passed, edges) in left:
        if 100 * passed < ENOUGH * edges:
            said = f"{share(passed, edges)} edges" if passed else "not entered"
            yield f"| `{f}` | {said} | {why.get((file, f)) or why.get((file, '*'), 'not explained')} |"


def unreached(rows):
    why, lines = reasons(), []
    for r in rows:
        file = r["files"][-1]
        c = r["covered"].get(file)
        if c and 100 * c["passed"] < ENOUGH * c["edges"]:
            lines += [f"### {r['title']} {file}", "", f"{share(c['passed'], c['edges'])} edges.", "", "| function | reached | why not more |",
                      "| --- | --- | --- |", *missing(file, c, why), ""]
    return [f"## Files of which less than {ENOUGH} % was reached", "", *(lines or ["None.", ""])]


def page(rows):
    return "\n".join([TITLE, *table(rows), *sizes(rows), *symbols(rows), *corpora(rows), *unreached(rows)])


def write(path=PAGE):
    with open(path, "w", encoding="utf-8") as f:
        f.write(page(records()))
