"""bench.py: the benches of src/tree/bench: op files for real files of the tree, and what each is built of."""
import glob
import os
import re

HERE = os.path.dirname(os.path.realpath(__file__))
FOLDER = os.path.realpath(os.path.join(HERE, "../bench"))
FILES = ("{0}.def", "{0}_tree.c", "{0}_ops.c", "stubs.txt")


def names():
    return sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(os.path.join(FOLDER, "*/bench.cmake")))


def read(name):
    """word -> list, of the lines set(bench_WORD ...) of the bench @name: files, modules, library, includes, flags, since"""
    with open(os.path.join(FOLDER, name, "bench.cmake"), encoding="utf-8") as f:
        text = f.read()
    rows = {word: value.split() for word, value in re.findall(r"^set\(bench_(\w+) ([^)]*)\)", text, re.M)}
    for word, before in re.findall(r"^list\(TRANSFORM bench_(\w+) PREPEND (\S+)\)", text, re.M):
        rows[word] = [before + value for value in rows[word]]
    return {word: [value.replace("${dir}", os.path.join(FOLDER, name)) for value in values] for word, values in rows.items()}


def tests(name):
    """The files of the tree that the bench is about, beside mm/mmu_notifier.c: the driver last."""
    rows = read(name)
    return rows.get("files", []) + rows.get("modules", [])


def of_file(file):
    """The bench whose driver is @file, a path from the tree on; or None."""
    return next((name for name in names() if tests(name)[-1:] == [file]), None)


def texts(name):
    """The files of a bench, in the order of FILES."""
    for pattern in FILES:
        with open(os.path.join(FOLDER, name, pattern.format(name)), encoding="utf-8") as f:
            yield f.read()
