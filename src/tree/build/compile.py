#!/usr/bin/env python3
"""compile.py: one C file in the types of a kernel tree.

Three roles. "tree" is a file of the tree and "patient" is code of ours that is tested over it (a
driver, the model of a process): both are instrumented, so each of their accesses is seen. "glue"
is ours too and stands for the kernel's primitives: it is not instrumented.

When the compiler refuses, its first errors are shown, and what usually helps.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys

import errors
import kernel
import tools

HERE = os.path.dirname(os.path.realpath(__file__))
SRC = os.path.realpath(os.path.join(HERE, "../.."))
COVERAGE = "inline-8bit-counters,pc-table"


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--tree", required=True)
    p.add_argument("--headers")
    p.add_argument("--build")
    p.add_argument("--role", choices=("tree", "patient", "glue"), default="tree")
    p.add_argument("--module", action="store_true", help="the file is part of a module, not of the kernel proper")
    p.add_argument("--coverage", default=COVERAGE)
    p.add_argument("--depfile")
    p.add_argument("--compiler", default=tools.CLANG)
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("file")
    p.add_argument("extra", nargs="*", help="options for the compiler, after --")
    return p.parse_args()


def command(args, k):
    """The whole command line of the compiler."""
    name = re.sub(r"\W", "_", os.path.basename(args.file).rsplit(".", 1)[0])
    words = [*tools.launcher(), tools.find(args.compiler), *k.flags(os.path.join(SRC, "tree/overlay"), name), "-Wno-everything",
             "-Werror=implicit-function-declaration", f"-I{SRC}",
             "-idirafter", f"{SRC}/kapi/include"]
    if args.role != "glue":
        words += kernel.INSTRUMENT
        if args.coverage:
            words.append(f"-fsanitize-coverage={args.coverage}")
    if args.module:
        words.append("-DMODULE")
    if args.depfile:
        words += ["-MD", "-MF", args.depfile, "-MT", args.out]
    return words + args.extra + ["-c", args.file, "-o", args.out]


# What the compiler said, and what usually helps. The first that matches is printed.
HINTS = (
    (r"'(generated/[^']+)' file not found", "{0} is written by the tree's build: `make O=DIR defconfig prepare FOLDER/` there, "
                                            "with the folder of the file, then give -I DIR/FOLDER"),
    (r"'((?:linux|asm|asm-generic|uapi)/[^']+)' file not found", "the headers have no {0}: is the file of another version of the kernel?"),
    (r"'([^']+)' file not found", "{0} is not on the include path: give the file's own folders with -I (EXTRA_FLAGS of the project)"),
    (r"incomplete (?:definition of )?type '([^']+)'", "{0} is incomplete: a config option that declares it may be off, try -DCONFIG_...=1"),
    (r"redefinition of '([^']+)'", "{0}() is defined by a header where a config option is off: try -DCONFIG_...=1"),
    (r"call to undeclared function '([^']+)'", "{0}() is not declared: a config option is off, --module is wrong here, or the file is of another version of the kernel"),
    (r"no member named '([^']+)'", "the member {0} may depend on a config option: try -DCONFIG_...=1"),
)


def hint(said):
    for pattern, words in HINTS:
        found = re.search(pattern, said)
        if found:
            return words.format(*found.groups())
    return "see the first error"


def is_settled(name):
    """Does the name alone say whether it is code or data? See stubs.py."""
    return name.startswith(("__SCT__", "__SCK__", "__tracepoint_", "__traceiter_", "__tsan_", "__kcsan_", "__sanitizer_"))


def references(path):
    """(names that are called, other names) of the relocations of an object."""
    rows = re.findall(r"(R_X86_64_\w+)\s+([\w.]+)", tools.run("llvm-objdump-19", "-r", path))
    called = {name for kind, name in rows if kind == "R_X86_64_PLT32"}
    return called, {name for _, name in rows if re.fullmatch(r"\w+", name) and not is_settled(name)} - called


def declared(words):
    """The functions that a file declares and uses: the front end is asked again, with the @words of its compilation."""
    plain = [word for word in words if not word.startswith("-fsanitize") and word != "-MD"]
    at = plain.index("-c")
    said = tools.run(plain[0], *plain[1:at], plain[at + 1], "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-g0", "-o", "-")
    return set(re.findall(r"^declare .*?@([\w.]+)\(", said, re.M))


def code_names(args, words):
    """The undefined names of the object that are functions. A call says so; where only an address is taken the front end does."""
    called, _ = references(args.out)
    names = {name for name in tools.undefined(args.out) if not is_settled(name)}
    if names - called:
        called |= declared(words)
    return names & called


def write_names(out, words):
    """For stubs.py: which names are called, which are only named, and how to ask what those are. Few of them need a stub."""
    called, others = references(out)
    row = {"called": sorted(called), "others": sorted(others), "command": words}
    tools.write_if_changed(out + ".code", json.dumps(row, indent=0) + "\n")


def checksum(path):
    """sha256 of a file: expectations are about this file and no other."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def compile_file(k, path, role, out, extra=(), module=False):
    """
    For scripts: an object of @path, or an error with what the compiler said first. The words are those of a build, so that a
    cache has one object for both.

    Returns: what code_names() takes.
    """
    args = argparse.Namespace(file=path, role=role, out=out, extra=list(extra), module=module, coverage=COVERAGE, depfile=f"{out}.d",
                              compiler=tools.CLANG)
    words = command(args, k)
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        refuse(args, k, done.stderr)
    return args, words


def refuse(args, k, said):
    first = [line for line in said.splitlines() if " error: " in line][:5]
    sys.stderr.write("\n".join(first or said.splitlines()[:10]) + "\n")
    raise errors.Refused(f"{args.file} does not compile with the headers of {k.name()}: {whose(args, k) or hint(said)}")


def whose(args, k):
    """Of a file of ours: who has to do something."""
    if args.role == "tree":
        return None
    if k.was_tried():
        return "this file is bondfuzz's own, so that is a fault of bondfuzz: please report it with the lines above"
    return f"this file is bondfuzz's own, and {k.untried()}: it needs an #if about BOND_KERNEL ({k.number()} here) where the first error is"


def main():
    args = arguments()
    k = kernel.Kernel(args.tree, args.headers, args.build)
    if not os.path.isfile(args.file):
        raise errors.Refused(f"{args.file}: no such file")
    words = command(args, k)
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        refuse(args, k, done.stderr)
    write_names(args.out, words)
    return 0


if __name__ == "__main__":
    errors.run(main)
