"""docs/KERNELS.md, from what ci/kernel saw."""
TITLE = """# Kernels

What was found in files of real kernels, unmodified: our drivers over `mm/mmu_notifier.c`, and the benches of `src/tree/bench`. Written by
`ci/kernel --doc`; [YOUR-KERNEL.md](YOUR-KERNEL.md) says how to do the same with a tree of yours. What is known about a finding:
`tests/tree/known.list` and [KERNEL-FINDINGS.md](KERNEL-FINDINGS.md).
"""


def corpus(found):
    counts = ", ".join(f"{len(files)} {outcome}" for outcome, files in found.items())
    lines = [f"Corpus: {counts}.", ""]
    for outcome in ("broken", "lost", "stale"):
        lines += [f"* {outcome}: `{file}`" + (f", `{why}`" if why else "") for file, why in found.get(outcome, [])]
    return lines + [""]


def campaigns(rows):
    lines = ["| subject | seconds | runs | a second | ended in a stub | found |", "| --- | --- | --- | --- | --- | --- |"]
    for name, row in rows.items():
        seconds, runs = row.get("seconds", 0), row.get("runs", 0)
        lines.append(f"| {name} | {seconds:.0f} | {runs:,} | {runs / max(seconds, 0.001):,.0f} | {row.get('not_modelled', 0)} | "
                     f"{', '.join(f'`{s}`' for s in row['found']) or '-'} |")
    return lines + [""]


def page(results):
    lines, version = [TITLE], None
    for r in results:
        if r["version"] != version:
            version = r["version"]
            lines += [f"## {version}", ""]
        lines += [f"### {version} {r['part']}", "", f"{', '.join(f'`{f}`' for f in r['files'])}, checksum `{r['checksum']}`", ""]
        lines += corpus(r["corpus"]) if r["corpus"] else []
        lines += campaigns(r["fuzz"])
    return "\n".join(lines)


def write(path, results):
    with open(path, "w", encoding="utf-8") as f:
        f.write(page(results))
