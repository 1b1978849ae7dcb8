"""docs/KERNELS.md, from what ci/kernel saw."""
import glob
import os

import bench

TITLE = """# Kernels

What was found in files of real kernels, unmodified: our drivers over `mm/mmu_notifier.c`, and the benches of `src/tree/bench`. Written by
`ci/kernel --doc`; [YOUR-KERNEL.md](YOUR-KERNEL.md) says how to do the same with a tree of yours. A finding is known if
`tests/tree/known.list` has it for these very files; [KERNEL-FINDINGS.md](KERNEL-FINDINGS.md) says what it is.
"""


def corpus(found):
    counts = ", ".join(f"{len(files)} {outcome}" for outcome, files in sorted(found.items()))
    lines = [f"Corpus: {counts}.", ""]
    for outcome in ("broken", "lost", "stale"):
        lines += [f"* {outcome}: `{file}`" + (f", `{why}`" if why else "") for file, why in found.get(outcome, [])]
    return lines + [""]


def finding(row, subject, signature, known):
    """A signature, after how many runs it came, and whether it was known. The text of a WARN is the tree's and is left out."""
    place, runs = signature.partition("=")[0], row["found"][signature]
    state = "files not known" if known is None else "known" if {("fuzz", subject, place), ("finds", subject, place)} & known else "NEW"
    return f"`{place}`" + (f" after {runs:,}" if runs else "") + f" ({state})"


def campaigns(result):
    lines = ["| subject | seconds | runs | a second | ended in a stub | found |", "| --- | --- | --- | --- | --- | --- |"]
    for name, row in result["fuzz"].items():
        seconds, runs = row.get("seconds", 0), row.get("runs", 0)
        found = ", ".join(finding(row, name, s, result["known"]) for s in row["found"])
        lines.append(f"| {name} | {seconds:.0f} | {runs:,} | {runs / max(seconds, 0.001):,.0f} | {row.get('not_modelled', 0)} | "
                     f"{found or '-'} |")
    return lines + [""]


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return sum(1 for _ in f)


def size(part):
    """How large a bench is, and which names are answered by a value."""
    if part == "core":
        return []
    folder = os.path.join(bench.FOLDER, part)
    with open(os.path.join(folder, "stubs.txt"), encoding="utf-8") as f:
        stubs = [line.partition("=")[0] for line in f if "=" in line and not line.startswith("#")]
    total = sum(map(lines_of, glob.glob(os.path.join(folder, "*.c")) + glob.glob(os.path.join(folder, "*.def"))))
    return [f"A bench of {total} lines; stubs with a value: {', '.join(f'`{s}`' for s in stubs) or 'none'}.", ""]


def page(results):
    lines, title = [TITLE], None
    for r in results:
        if r["title"] != title:
            title = r["title"]
            lines += [f"## {title}", ""]
        lines += [f"### {title} {r['part']}", "", f"{', '.join(f'`{f}`' for f in r['files'])}, checksum `{r['checksum']}`", ""]
        lines += size(r["part"])
        lines += corpus(r["corpus"]) if r["corpus"] else []
        lines += campaigns(r)
    return "\n".join(lines)


def write(path, results):
    with open(path, "w", encoding="utf-8") as f:
        f.write(page(results))
