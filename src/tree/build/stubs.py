#!/usr/bin/env python3
"""stubs.py: what a merged object calls and nobody has: a C file with a stub for each name.

A stub that is called ends the run as "not modelled", unless it is given a value to return, here in
the project's table of stubs or on the command line. Data gets zeros, and behind a value of its table. A name that is called is code;
where only its address is taken the compiler is asked (compile.py).
"""
import argparse
import json
import os
import re

import compile as compiler
import errors
import merge_names
import tools

DATA_SIZE = 1024


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("--code", action="append", default=[], help="what compile.py wrote of an object")
    p.add_argument("--host", action="append", default=[], help="an object or archive that answers")
    p.add_argument("--table", help="lines NAME=VALUE")
    p.add_argument("object")
    return p.parse_args()


def values(path):
    """NAME -> VALUE of the project's table; # starts a comment."""
    found = {}
    if not path:
        return found
    if not os.path.isfile(path):
        raise errors.Refused(f"{path}: no such table of stubs")
    with open(path, encoding="utf-8", errors="replace") as f:
        for number, line in enumerate(f, 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            row = re.fullmatch(r"([A-Za-z_]\w*)\s*=\s*(-?(?:0x[0-9a-fA-F]{1,16}|\d{1,19}))", line)
            if not row:
                raise errors.Refused(f"{path}:{number}: expected NAME=VALUE, found '{line[:60]}'")
            found[row.group(1)] = int(row.group(2), 0)
    return found


def missing(args):
    """Names of the tree that the object wants and no host object has."""
    have = tools.defined(*args.host) if args.host else set()
    return sorted(merge_names.bare(name) for name in tools.undefined(args.object) - have if name.startswith(merge_names.PREFIX))


def code_names(paths, names):
    """Those of @names that are functions: called in one of the objects, or declared so where they are named."""
    rows = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            rows.append(json.load(f))
    code = {name for row in rows for name in row["called"]}
    unknown = {name for name in names if not compiler.is_settled(name)} - code
    for row in rows:
        if unknown & set(row["others"]):
            code |= compiler.declared(row["command"])
            unknown -= set(row["others"])
    return code


def is_code(name, code):
    if name.startswith(("__SCK__", "__tracepoint_")):
        return False
    return name.startswith(("__SCT__", "__traceiter_", "__tsan_", "__kcsan_", "__sanitizer_")) or name in code


def function(name, row):
    """A stub; of what is off, an empty function."""
    full = merge_names.PREFIX + name
    if merge_names.is_nothing(name):
        return f"void {full}(void);\nvoid {full}(void)\n{{\n}}\n"
    return (f"long {full}(void);\nlong {full}(void)\n{{\n"
            f"\treturn bond_stub(&kapi_stubs[{row}], __builtin_return_address(0));\n}}\n")


def body(names, code, known):
    rows, functions, data = [], [], []
    for name in names:
        if not is_code(name, code):
            first = f" = {{{known[name]}l}}" if name in known else ""
            data.append(f"long {merge_names.PREFIX}{name}[{DATA_SIZE // 8}] __attribute__((aligned(64))){first};")
            continue
        functions.append(function(name, len(rows)))
        if not merge_names.is_nothing(name):
            value = f", .value = {known[name]}l, .answered = true" if name in known else ""
            rows.append(f"\t{{.name = \"{name}\"{value}}},")
    return rows, functions, data


def text(names, code, known):
    rows, functions, data = body(names, code, known)
    return "\n".join(["/* made by stubs.py */", '#include "tree/host/stub.h"', "", "struct kapi_stub kapi_stubs[] = {", *rows,
                      "\t{0},", "};", f"const unsigned kapi_stubs_nr = {len(rows)};", "", *functions,
                      "#include <kapi/statics.h>", *data, ""])


def main():
    args = arguments()
    names = missing(args)
    tools.write_if_changed(args.out, text(names, code_names(args.code, names), values(args.table)))
    return 0


if __name__ == "__main__":
    errors.run(main)
