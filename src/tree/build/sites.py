#!/usr/bin/env python3
"""sites.py: where each call of a merged object stands in the source, as a table of struct site.

A primitive of world tree is a function, and its return address is all that it knows of its caller.
The debug information gives the rest. Of the inlined functions around a call, those in headers that
hold primitives (refcount.h, spinlock.h, ...) are the primitive, and the innermost other one is the
function: kref_put() in a driver is "kref_put in driver_close", as in world kapi. Where there is no
such header, the primitive is the macro whose name stands at the call: wait_event, READ_ONCE.

The table is made for one build and stays in it: it holds lines of the tree.
"""
import argparse
import json
import os
import re
import zlib

import errors
import kernel
import merge_names
import tools

TEXT_MAX = 100

PRIMITIVE_HEADER = re.compile(
    r"include/(?:asm-generic/|linux/(?:atomic/|sched/(?:mm|signal|task)\.h|(?:"
    "atomic|refcount|kref|spinlock|spinlock_api_smp|rwlock|rwlock_api_smp|mutex|rwsem|ww_mutex|seqlock|bit_spinlock|list|list_bl|"
    "rculist|rculist_bl|llist|wait|wait_bit|swait|completion|workqueue|timer|slab|srcu|srcutree|rcupdate|rcutree|"
    "compiler|compiler_types|bitops|instrumented|kcsan-checks|percpu|percpu-defs|percpu-refcount|uaccess|"
    r"mmap_lock|preempt|lockdep|gfp|sched|device|cleanup|thread_info|kernel|jump_label|bug|cpumask|find|bitmap|tracepoint)\.h))|"
    "arch/x86/include/")

# What a symbol is called where the source does not say it better.
NAMES = {"__kcsan_check_access": "atomic", "__srcu_read_lock": "srcu_read_lock", "__srcu_read_unlock": "srcu_read_unlock",
         "__wake_up": "wake_up", "prepare_to_wait_event": "wait_event", "finish_wait": "wait_event", "schedule": "wait_event"}
SUFFIX = {"prepare_to_wait_event": ":begin", "prepare_to_wait": ":begin", "finish_wait": ":tail"}

CALL = re.compile(r"^\s*([0-9a-f]+):\s+(?:callq|jmp|jmpq)\s")
TARGET = re.compile(r"R_X86_64_(?:PLT32|PC32)\s+([\w.$]+)-0x4")


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--tree", required=True)
    p.add_argument("--headers")
    p.add_argument("--build")
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("object")
    return p.parse_args()


def calls(path):
    """(return address, symbol) of each call, in the order of addresses."""
    at = None
    for line in tools.run("llvm-objdump-19", "-dr", "--no-show-raw-insn", "-j", ".text", path).splitlines():
        found = CALL.match(line)
        if found:
            at = int(found.group(1), 16) + 5
            continue
        found = TARGET.search(line)
        if found and at is not None:
            yield at, merge_names.bare(found.group(1))
        at = None


def frames_at(path, addresses):
    """The inlined functions around each address, innermost first."""
    asked = "".join(f"0x{a - 1:x}\n" for a in addresses)
    said = tools.run("llvm-symbolizer-19", f"--obj={path}", "--output-style=JSON", "--inlines", stdin=asked)
    for line in said.splitlines():
        if line.strip():
            yield json.loads(line).get("Symbol", [])


class Sources:
    """Lines of files, read once."""

    def __init__(self):
        self.files = {}

    def lines(self, path):
        if path not in self.files:
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    self.files[path] = f.read().splitlines()
            except OSError:
                self.files[path] = []
        return self.files[path]

    def whole(self, frame):
        lines = self.lines(frame["FileName"])
        return lines[frame["Line"] - 1].strip()[:TEXT_MAX] if 0 < frame["Line"] <= len(lines) else ""

    def text(self, path, line, column):
        """The source from @column on, up to the bracket that closes what opened there."""
        lines = self.lines(path)
        if not 0 < line <= len(lines):
            return ""
        text = lines[line - 1][max(column - 1, 0):].strip()
        while text.count("(") > text.count(")") and line < len(lines) and len(text) < TEXT_MAX:
            text += " " + lines[line].strip()
            line += 1
        return cut(text)


def cut(text):
    """Up to the bracket that closes the first that opens."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth < 0 or (c == ")" and depth == 0):
            return text[:i + (depth == 0)][:TEXT_MAX]
    return text.rstrip(";{ ")[:TEXT_MAX]


def primitive(inner, text, symbol):
    """The name of the primitive: of the header's function, of the macro, or of the symbol."""
    if inner:
        return inner[-1]["FunctionName"]
    macro = re.match(r"([A-Za-z_]\w*)\s*\(", text)
    if macro:
        return macro.group(1)
    if symbol.startswith("__tsan_volatile_read"):
        return "READ_ONCE"
    if symbol.startswith("__tsan_volatile_write"):
        return "WRITE_ONCE"
    return NAMES.get(symbol, symbol.removeprefix("_raw_"))


PLAIN = {"__tsan_read": "load", "__tsan_write": "store", "__tsan_unaligned_read": "load", "__tsan_unaligned_write": "store",
         "__tsan_read_write": "store"}


def plain(symbol):
    """"load" or "store" for the hook of a plain access, else None."""
    return PLAIN.get(symbol.rstrip("0123456789"))


def inner_access(text, symbol):
    """READ_ONCE(x) of wait_event(queue, READ_ONCE(x)): the debug information names the outermost macro."""
    found = re.search(r"\b(?:READ|WRITE)_ONCE\(.*", text) if symbol.startswith("__tsan_volatile_") else None
    return cut(found.group(0)) if found else text


def site(frames, symbol, sources):
    """(function, primitive, text, file, line) of a call."""
    outer = next((i for i, f in enumerate(frames) if not PRIMITIVE_HEADER.search(f["FileName"])), len(frames) - 1)
    if outer < 0:
        return "?", symbol, symbol, "", 0
    frame = frames[outer]
    if plain(symbol):
        return merge_names.bare(frame["FunctionName"]), plain(symbol), sources.whole(frame), frame["FileName"], frame["Line"]
    text = inner_access(sources.text(frame["FileName"], frame["Line"], frame["Column"]), symbol)
    name = primitive(frames[:outer], text, symbol) + SUFFIX.get(symbol, "")
    return merge_names.bare(frame["FunctionName"]), name, text or name, frame["FileName"], frame["Line"]


# Where an update of a word is announced, inside of the function that makes it.
ANNOUNCED = re.compile(r"/(instrumented|kcsan-checks)\.h$")


def update(frames, symbol, sources):
    """The name of the function that updates a word, if its declaration says that it returns nothing; else None."""
    made = next((f for f in frames if not ANNOUNCED.search(f["FileName"])), None)
    if symbol != "__kcsan_check_access" or not made:
        return None
    start = made.get("StartLine", 0)
    head = " ".join(sources.lines(made.get("StartFileName") or made["FileName"])[max(start - 2, 0):start])
    return made["FunctionName"] if re.search(rf"\bvoid\s+{re.escape(made['FunctionName'])}\s*\(", head) else None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") + '"'


def row(at, made, fields):
    func, prim, text, file, line = fields
    return (f"\t{{{at}, {quoted(made) if made else 'NULL'}, {{.func = {quoted(func)}, .prim = {quoted(prim)}, .text = {quoted(text)}, "
            f".file = {quoted(file)}, .line = {line}}}}},")


def path_below(file, roots):
    """The path for people of a file of the kernel, or None: it is not one."""
    real = os.path.realpath(file)
    return next((os.path.relpath(real, root) for root in roots if real.startswith(root + "/")), None)


def source(file, path):
    with open(file, "rb") as f:
        return f"\t{{{quoted(file)}, {quoted(path)}, 0x{zlib.crc32(f.read()):08x}}},"


def table(args):
    k = kernel.Kernel(args.tree, args.headers, args.build)
    found = sorted(set(calls(args.object)))
    sources = Sources()
    places = [(at, update(frames, symbol, sources), site(frames, symbol, sources))
              for (at, symbol), frames in zip(found, frames_at(args.object, [at for at, _ in found]))]
    paths = {file: path_below(file, (k.tree, k.headers, k.generated)) for file in sorted({fields[3] for _, _, fields in places if fields[3]})}
    files = [source(file, path) for file, path in paths.items() if path and os.path.isfile(file)]
    return "\n".join([
        "/* made by sites.py for one build; holds lines of a kernel tree: never commit it */", '#include "tree/host/site.h"', "",
        "const struct site_source bond_sources[] = {", *files, "\t{0},", "};", f"const unsigned bond_sources_nr = {len(files)};",
        "struct bond_place bond_places[] = {", *(row(*place) for place in places), "\t{0},", "};",
        f"const unsigned bond_places_nr = {len(places)};", ""])


def main():
    args = arguments()
    tools.write_if_changed(args.out, table(args))
    return 0


if __name__ == "__main__":
    errors.run(main)
