#!/usr/bin/env python3
"""What the scripts of bench/ decide by themselves: which finding was asked for, and where a part of a page goes."""
import importlib.machinery
import importlib.util
import os
import sys

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench")
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True


def load(name):
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(BENCH, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


failed = 0


def same(what, got, wanted):
    global failed
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        failed += 1


def check_verdict():
    is_of = load("verdict.py").is_of
    dead = {"verdict": "dead_use", "object": "vma2"}
    for row, verdict, wanted in ((dead, "dead_use", True), (dead, "dead_use:vma", True), (dead, "dead_use:vm", False),
                                 (dead, "dead_use:page", False), (dead, "leak:vma", False), (dead, "dead", False),
                                 ({"verdict": "dead_use", "object": "io_mm"}, "dead_use:io_mm", True),
                                 ({"verdict": "dead_use", "object": "node64"}, "dead_use:node6", True),
                                 ({"verdict": "dead_use", "object": "node64"}, "dead_use:nod", False),
                                 ({"verdict": "deadlock", "object": None}, "deadlock", True),
                                 ({"verdict": "deadlock", "object": None}, "deadlock:mm", False),
                                 ({"runs": 5}, "deadlock", False)):
        same(f"{row} for {verdict}", is_of(row, verdict), wanted)


def check_page():
    compare = load("compare")
    part = {name: f"## {compare.PARTS[name][0]}\n\n{name}\n" for name in compare.PARTS}
    whole = "# Benchmarks\n\n" + "\n".join(part.values())
    for name in compare.PARTS:
        without = "# Benchmarks\n\n" + "\n".join(text for other, text in part.items() if other != name)
        same(f"{name} into a page without it", compare.put_part(without, name, part[name]), whole)
        same(f"{name} in its own place", compare.put_part(whole, name, part[name] + "new\n"),
             whole.replace(part[name], part[name] + "new\n"))
        same(f"{name} into an empty page", compare.put_part("# Benchmarks\n", name, part[name]), "# Benchmarks\n\n" + part[name])


check_verdict()
check_page()
sys.exit(failed != 0)
