"""How far campaigns came in the files of a tree: functions, and edges (the compiler's counters), by `fuzz --coverage FILE`.

An edge belongs to the function that was compiled, with what is inlined into it; a function that is inlined
everywhere has no entry of its own.
"""
import json
import os

import merge_names
import tools


def rows_of(path):
    """[(address, is a function's entry, was passed)]"""
    with open(path, encoding="utf-8") as f:
        return [(words[0], words[1] == "1", words[2] == "1") for words in map(str.split, f) if len(words) == 3]


class Places:
    """Address -> (file of @tree, function), of one program; asked once."""

    def __init__(self, program, tree):
        self.program, self.root, self.at = program, os.path.realpath(tree) + "/", {}

    def ask(self, addresses):
        wanted = sorted(set(addresses) - self.at.keys())
        if not wanted:
            return
        said = tools.run("llvm-symbolizer-19", f"--obj={self.program}", "--output-style=JSON", "--inlines", stdin="\n".join(wanted) + "\n")
        for line in filter(str.strip, said.splitlines()):
            row = json.loads(line)
            frame = (row.get("Symbol") or [{}])[-1]
            file = os.path.realpath(frame.get("FileName") or "/")
            self.at[row["Address"]] = (file.removeprefix(self.root) if file.startswith(self.root) else None,
                                       merge_names.bare(frame.get("FunctionName") or "?"))


def take(places, path, files):
    """file of @files -> {function: [entry was passed, {address: was passed}]}"""
    rows, found = rows_of(path), {}
    places.ask(at for at, _, _ in rows)
    for at, entry, passed in rows:
        file, function = places.at.get(at, (None, None))
        if file in files:
            seen = found.setdefault(file, {}).setdefault(function, [False, {}])
            seen[0] |= entry and passed
            seen[1][at] = seen[1].get(at, False) or passed
    return found


def union(all_of_them):
    """What several campaigns of one program reached together."""
    whole = {}
    for found in all_of_them:
        for file, functions in found.items():
            for function, (entered, edges) in functions.items():
                seen = whole.setdefault(file, {}).setdefault(function, [False, {}])
                seen[0] |= entered
                for at, passed in edges.items():
                    seen[1][at] = seen[1].get(at, False) or passed
    return whole


def numbers(functions):
    """Of one file, as numbers; and each function with an edge that was not passed: its edges, how many were."""
    edges = [passed for _, some in functions.values() for passed in some.values()]
    return {"functions": len(functions), "entered": sum(1 for entered, _ in functions.values() if entered),
            "edges": len(edges), "passed": sum(edges),
            "left": {f: [sum(some.values()), len(some)] for f, (_, some) in sorted(functions.items()) if not all(some.values())}}
