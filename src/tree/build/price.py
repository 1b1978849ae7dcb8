"""price.py: what a file of the tree costs: each name that it leaves undefined, by who answers it.

hooks       calls that the instrumentation makes
primitives  functions of the kernel that world tree has (src/tree): locks, waiting, memory, ...
library     files of the tree's own lib/ that are compiled in beside it
models      functions of the process, its pages and files, over which tests run (the bench)
nothing     tracepoints and static calls: off, as in a kernel that nobody traces
zeros       data of other files: there, and zero
stubs       nobody: a run that calls one ends there
"""
import concurrent.futures
import glob
import hashlib
import os
import re
import tempfile

import merge_names
import tools

CLASSES = ("hooks", "primitives", "library", "models", "nothing", "zeros", "stubs")
HOOK = re.compile(r"^(__tsan_|__kcsan_|kcsan_|__sanitizer_cov_|__start_|__stop_)")

# Files of the tree that are compiled in where one of their functions is wanted. They touch nothing but
# memory, and what they call in turn is looked for in the same way.
LIBRARY = ("mm/mmu_notifier.c", "lib/rbtree.c", "lib/interval_tree.c", "lib/list_sort.c", "lib/llist.c", "lib/xarray.c",
           "lib/maple_tree.c", "lib/radix-tree.c", "lib/idr.c", "lib/find_bit.c", "lib/bitmap.c", "lib/hweight.c", "lib/sort.c",
           "lib/bsearch.c", "lib/kobject.c", "lib/klist.c", "lib/timerqueue.c", "lib/btree.c", "lib/sbitmap.c", "lib/genalloc.c",
           "lib/scatterlist.c", "lib/kstrtox.c", "lib/xxhash.c", "mm/interval_tree.c")
EXPORT = re.compile(r"^\s*EXPORT_SYMBOL(?:_GPL|_NS|_NS_GPL)?\((\w+)", re.M)
DEFINED = re.compile(r"^(?!static)[A-Za-z_][\w \t*]*?[\s*](\w+)\([^;{}]*\)\s*\n\{", re.M)


def library(tree):
    """name -> file, for the functions of LIBRARY, read from the source."""
    found = {}
    for path in LIBRARY:
        try:
            with open(os.path.join(tree, path), encoding="utf-8", errors="replace") as f:
                text = f.read()
        except OSError:
            continue
        for name in EXPORT.findall(text) + DEFINED.findall(text):
            found.setdefault(name, path)
    return found


def sources(here):
    """role -> files of ours, from sources.list and the folders of the glue."""
    src = os.path.realpath(os.path.join(here, "../.."))
    found = {"glue": sorted(glob.glob(os.path.join(src, "tree/kernel/*.c"))), "patient": []}
    with open(os.path.join(here, "sources.list"), encoding="utf-8") as f:
        for line in f:
            words = line.split("#", 1)[0].split()
            if len(words) == 2:
                found.setdefault(words[0], []).append(os.path.join(src, words[1]))
    return found


def stamp(k, files):
    """Changes with the glue, the headers and the compiler."""
    h = hashlib.sha256(f"{k.headers} {k.generated} {k.name()} {tools.CLANG}".encode())
    for path in files:
        with open(path, "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:16]


def names_path(k, role, files, cache):
    """Where names_of() keeps what it found."""
    return os.path.join(cache, f"names-{role}-{stamp(k, files)}")


def names_of(k, role, files, compile_one, cache):
    """What our files define in the types of this kernel; compiled once, then remembered."""
    path = names_path(k, role, files, cache)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return set(f.read().split())
    names = set()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for objects in pool.map(lambda f: compile_one(k, f, role, os.path.join(folder, os.path.basename(f) + ".o")), files):
            names |= tools.defined(objects)
    os.makedirs(cache, exist_ok=True)
    tools.write_if_changed(path, "\n".join(sorted(names)) + "\n")
    return names


def host_names(here):
    """Functions of the tree's that ordinary C answers: k_NAME in src/tree/host."""
    names = set()
    for path in glob.glob(os.path.join(here, "../host/*.[ch]")):
        with open(path, encoding="utf-8") as f:
            names |= {merge_names.bare(n) for n in re.findall(r"\bk_\w+", f.read())}
    return names


def class_of(name, primitives, models, lib, code):
    """The class of one name; the first that answers."""
    if HOOK.match(name):
        return "hooks"
    for c, names in (("models", models), ("primitives", primitives), ("library", lib)):
        if name in names:
            return c
    if merge_names.is_nothing(name):
        return "nothing"
    return "stubs" if name in code else "zeros"


def classify(names, primitives, models, lib, code):
    """class -> sorted names"""
    found = {c: [] for c in CLASSES}
    for name in sorted(names):
        if HOOK.match(name) or not merge_names.is_ours(name):
            found[class_of(name, primitives, models, lib, code)].append(name)
    return found


def text(found):
    """The price list, as it is printed."""
    lines = []
    for c in CLASSES:
        if not found[c] and c in ("nothing", "zeros"):
            continue
        lines.append(f"{c} {len(found[c])}")
        row = "   "
        for name in found[c]:
            if len(row) + len(name) > 98:
                lines.append(row)
                row = "   "
            row += " " + name
        if row.strip():
            lines.append(row)
    return "\n".join(lines) + "\n"
