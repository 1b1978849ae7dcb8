#!/usr/bin/env python3
"""bondfuzz import: a project folder for files of a kernel tree, and what they cost.

The folder has one file that belongs to this command, import.cmake, and four that belong to the user:
CMakeLists.txt, the table of ops, and the op file in two halves (the tree's types; bondfuzz's). Those
four are written once and never touched again; import.cmake is written anew each time, unless somebody
edited it.
"""
import argparse
import hashlib
import json
import os
import re
import sys
import tempfile

import bench
import compile as compiler
import derive
import devices
import errors
import fetch
import kbuild
import kernel
import price
import templates
import tools

HERE = os.path.dirname(os.path.realpath(__file__))

def arguments():
    p = argparse.ArgumentParser(prog="bondfuzz import", allow_abbrev=False, add_help=False)
    p.add_argument("--tree", required=True)
    p.add_argument("--headers")
    p.add_argument("--build")
    p.add_argument("--name")
    p.add_argument("--out")
    p.add_argument("--module", action="store_true")
    p.add_argument("-D", dest="define", action="append", default=[])
    p.add_argument("-I", dest="include", action="append", default=[])
    p.add_argument("files", nargs="+")
    return p.parse_args()


def flags(args):
    return [f"-D{d}" for d in args.define] + [f"-I{os.path.realpath(i)}" for i in args.include]


def name_of(args):
    name = args.name or re.sub(r"\W", "_", os.path.basename(args.files[0]).removesuffix(".c")).lower()
    if not re.fullmatch(r"[a-z][a-z_0-9]{0,30}", name):
        raise errors.Refused(f"--name {name}: small letters, digits and _, at most 31, a letter first")
    return name


def find(tree, file):
    """The path of a file that is named from the tree on, or as it is."""
    if not file.endswith(".c"):
        raise errors.Refused(f"{file}: not the name of a C file (NAME.c)")
    inside = os.path.normpath(os.path.join(tree, file)) # in a copy with repairs it is a link
    if os.path.isfile(inside):
        return inside
    if os.path.isfile(file):
        return os.path.realpath(file)
    raise errors.Refused(f"{file}: no such file in {tree}")


def compile_one(k, path, role, out, extra=()):
    compiler.compile_file(k, path, role, out, list(extra), module=False)
    return out


UTS = re.compile(r'UTS_RELEASE "(\d+)\.(\d+)')


def check_versions(k):
    """Headers of another kernel compile little, and what compiles lies."""
    try:
        with open(os.path.join(k.generated, "include/generated/utsrelease.h"), encoding="utf-8", errors="replace") as f:
            found = UTS.search(f.read(4096))
    except OSError:
        return # a build folder may lack it
    if found and (int(found.group(1)), int(found.group(2))) != k.version[:2]:
        raise errors.Refused(f"{k.tree} is {k.name()}, the headers in {k.generated} are of {found.group(1)}.{found.group(2)}: "
                             "name those of the same version")


def check_compiler():
    if "clang" not in tools.run(tools.CLANG, "--version"):
        raise errors.Refused(f"{tools.CLANG} is no clang: world tree needs its instrumentation (BONDFUZZ_TREE_CC names another)")


class Import:
    """
    The file's names, and the files of the tree's library that they need. Of a file that has a bench here, the rest of it. @tell gets
    a line about each thing that takes a while.
    """

    def __init__(self, args, tell=lambda line: None):
        self.tell = tell
        self.name = name_of(args)
        self.kernel = kernel.Kernel(args.tree, args.headers, args.build)
        check_versions(self.kernel)
        check_compiler()
        tree = self.kernel.tree
        self.files = [kernel.writable(find(tree, f), links=False) for f in args.files]
        if not os.path.isfile(os.path.join(tree, "mm/mmu_notifier.c")):
            raise errors.Refused(f"mm/mmu_notifier.c: no such file in {tree}: every program has it, so a whole tree is wanted")
        self.bench = bench.of_file(os.path.relpath(self.files[0], tree))
        rows = bench.read(self.bench) if self.bench else {}
        self.modules = set(self.files if args.module else [find(tree, f) for f in rows.get("modules", [])])
        self.files += [path for path in (find(tree, f) for f in rows.get("files", [])) if path not in self.files]
        self.extra = flags(args) + rows.get("flags", []) + [f"-I{os.path.join(tree, i)}" for i in rows.get("includes", [])]
        self.ask_kbuild()
        self.lib = price.library(self.kernel.tree)
        self.libs = []
        self.exported, self.wanted, self.code = set(), set(), set()
        self.primitives, self.models = set(), set()
        self.derived = None # what users can do, where the file says it

    def ask_kbuild(self):
        """What the tree's Makefiles say of the files: include folders, and options that the headers lack."""
        config, found = kbuild.config_of(self.kernel.generated), []
        for path in self.files:
            made = kbuild.Makefiles(self.kernel.tree, os.path.relpath(path, self.kernel.tree), self.kernel.generated)
            options = made.options()
            if any(config.get(o) == "m" for o in options):
                self.modules.add(path)
            found += [f"-I{i}" for i in made.includes()] + [f"-D{o}=1" for o in options if o not in config]
        found = [word for word in dict.fromkeys(found) if word not in self.extra]
        if found:
            print(f"from the Makefiles of the tree: {' '.join(found)}".replace(self.kernel.tree + "/", ""))
        self.extra += found

    def name_answers(self):
        """What bondfuzz has itself: primitives and models."""
        ours, cache = price.sources(HERE), os.path.join(fetch.default_cache(), "names")
        names = {}
        for role in ("glue", "patient"):
            if not os.path.exists(price.names_path(self.kernel, role, ours[role], cache)):
                self.tell(f"compiling {len(ours[role])} files of bondfuzz with the headers of {self.kernel.name()} (once for each kernel)")
            names[role] = price.names_of(self.kernel, role, ours[role], compile_one, cache)
        self.primitives, self.models = names["glue"] | price.host_names(HERE), names["patient"]

    def take(self, folder, path, extra):
        out = os.path.join(folder, hashlib.sha256(path.encode()).hexdigest()[:12] + ".o")
        self.tell(f"compiling {os.path.relpath(path, self.kernel.tree)}")
        said = compiler.compile_file(self.kernel, path, "tree", out, extra, path in self.modules)
        self.code |= compiler.code_names(*said)
        if path == self.files[0] and not self.bench:
            self.derived = derive.Derived(path, self.name, out, said[1])
        return tools.defined(out), tools.undefined(out)

    def compile(self):
        """The files, then of the library what they want, and what that wants in turn. Returns: what the files want."""
        with tempfile.TemporaryDirectory() as folder:
            have = set()
            for path in self.files:
                defined, undefined = self.take(folder, path, self.extra)
                self.exported |= {n for n in defined if re.fullmatch(r"[A-Za-z_]\w*", n) and not n.startswith("_")}
                have |= defined
                self.wanted |= undefined
            self.name_answers()
            direct = self.wanted - have
            self.wanted.add("mmu_notifier_register") # the ops of processes call it, whatever the file does
            while files := self.next_files(have):
                for file in files:
                    self.libs.append(file)
                    defined, undefined = self.take_library(folder, os.path.join(self.kernel.tree, file))
                    have |= defined
                    self.wanted |= undefined
        return direct

    def take_library(self, folder, path):
        """take(), remembered: the files are the same for each import."""
        kept = os.path.join(fetch.default_cache(), "names", f"library-{price.stamp(self.kernel, [path])}")
        try:
            with open(kept, encoding="utf-8") as f:
                defined, undefined, code = map(set, json.load(f))
        except (OSError, ValueError, TypeError):
            before, self.code = self.code, set()
            defined, undefined = self.take(folder, path, [])
            code, self.code = self.code, before
            os.makedirs(os.path.dirname(kept), exist_ok=True)
            tools.write_if_changed(kept, json.dumps([sorted(defined), sorted(undefined), sorted(code)]) + "\n")
        self.code |= code
        return defined, undefined

    def next_files(self, have):
        """Of the library, what is wanted and not there yet."""
        ours = {os.path.relpath(f, self.kernel.tree) for f in self.files} | set(self.libs)
        wanted = self.wanted - have - self.primitives - self.models
        return sorted({self.lib[n] for n in wanted if n in self.lib} - ours)

    def prices(self, names):
        return price.classify(names, self.primitives, self.models, self.lib, self.code)


def symbols(tree, headers, files):
    """class -> how many names @files leave undefined that it answers: for ci/kernel."""
    args = argparse.Namespace(name=None, tree=tree, headers=headers, build=None, module=False, define=[], include=[], files=files)
    i = Import(args)
    return {c: len(names) for c, names in i.prices(i.compile()).items()}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_own(path, body):
    """import.cmake, with its own checksum in the first line; one that was edited stays."""
    if os.path.islink(path):
        raise errors.Refused(f"{path}: a link: import writes nothing outside its folder")
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as f:
            head, _, rest = f.read().partition("\n")
        if digest(rest) not in head:
            tools.write_if_changed(path + ".new", templates.head(digest(body)) + "\n" + body)
            print(f"{path}: edited by hand, left as it is; what would stand there is in {path}.new")
            return
    tools.write_if_changed(path, templates.head(digest(body)) + "\n" + body)


def write_once(path, text):
    """A file of the user's. Returns: was it written?"""
    if os.path.lexists(path):
        return False
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return True


def write_folder(i, name, out):
    os.makedirs(out, exist_ok=True)
    values = {"name": name, "NAME": name.upper(), "exported": sorted(i.exported), "file": os.path.basename(i.files[0])}
    write_own(os.path.join(out, "import.cmake"), templates.own(name, i))
    texts = templates.users(values)
    if i.derived and i.derived.devices:
        texts.update(devices.texts(name, values["file"], i.derived))
    if i.bench:
        texts.update(zip((pattern.format(name) for pattern in bench.FILES), bench.texts(i.bench)))
    return [file for file, text in texts.items() if write_once(os.path.join(out, file), text)]


def main():
    args = arguments()
    name = name_of(args)
    out = args.out or name
    i = Import(args, lambda line: print(line, file=sys.stderr, flush=True))
    if not i.kernel.was_tried():
        print(f"{i.kernel.tree}: {i.kernel.untried()}: where a file of bondfuzz does not compile with its headers, the message says so; what "
              "compiles and runs counts as elsewhere", file=sys.stderr)
    found = i.prices(i.compile())
    written = write_folder(i, name, out)
    checksums = ", ".join(f"{os.path.relpath(f, i.kernel.tree)} sha256 {compiler.checksum(f)[:16]}" for f in i.files)
    print(f"{name}: {checksums}, kernel {i.kernel.name()}")
    print(price.text(found), end="")
    if i.libs:
        print(f"compiled in beside it: {' '.join(i.libs)}")
    if i.derived and written:
        print(i.derived.text(), end="")
    if i.bench and written:
        print(f"the op file is that of src/tree/bench/{i.bench}")
    print(f"{out}: {', '.join(written) + ' written' if written else 'brought up to date'}")
    return 0


if __name__ == "__main__":
    errors.run(main)
