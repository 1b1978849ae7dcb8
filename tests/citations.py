#!/usr/bin/env python3
"""Each citation of the specification and of the list of bugs resolves, in code, tables, corpus and pages.

usage: tests/citations.py

  SPEC 1.4        a section of docs/SPEC.md, or an item of its section 4 (SPEC 4.2)
  SPEC 1.4 d      its case d)
  SPEC 1.3, R2    its step R2
  INV-08          an invariant of docs/SPEC.md
  BUGS C08, C08   an entry of docs/BUGS.md

An anchor is <a id="..."></a>, and each is unique. Every invariant of SPEC has its row in invariant.def, and every row its
invariant.
"""
import glob
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
FOLDERS = "src ci bench corpus docs tests examples fuzz man sanitizers".split()
TEXT = re.compile(r"\.(c|h|def|md|in|bond|sh|py|scd|txt|cmake)$|/[\w-]+$")
SELF = os.path.join("tests", os.path.basename(__file__))
SECTION = re.compile(r"\bSPEC (\d+(?:\.\d+)?)(?: ([a-z])\b(?! \w)|, ([A-Z]\d)\b)?")
INVARIANT = re.compile(r"\bINV-(\d+)")
ENTRY = re.compile(r"(?<![\w.#/%-])([SCHU]\d\d)(?![\w-])")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def anchors(path):
    found = re.findall(r'<a id="([^"]+)"></a>', read(path))
    twice = {a for a in found if found.count(a) > 1}
    if twice:
        sys.exit("%s: not unique: %s" % (path, ", ".join(sorted(twice))))
    return set(found)


def sections(path):
    """Returns: the text of each section x.y of SPEC, by its number."""
    parts = re.split(r'^#+ <a id="([\d.]+)"></a>', read(path), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


class Book:
    def __init__(self):
        self.spec, self.bugs = anchors("docs/SPEC.md"), anchors("docs/BUGS.md")
        self.text = sections("docs/SPEC.md")

    def problems(self, text):
        """Returns: (offset, what does not resolve) of a text."""
        for m in SECTION.finditer(text):
            section, case, step = m.groups()
            body = self.text.get(section, "")
            if section not in self.spec:
                yield m.start(), "SPEC has no section " + section
            elif case and "- %s) " % case not in body:
                yield m.start(), "SPEC %s has no case %s" % (section, case)
            elif step and "**%s**" % step not in body:
                yield m.start(), "SPEC %s has no step %s" % (section, step)
        for m in INVARIANT.finditer(text):
            if "INV-" + m.group(1) not in self.spec:
                yield m.start(), "SPEC has no INV-" + m.group(1)
        for m in ENTRY.finditer(text):
            if m.group(1) not in self.bugs:
                yield m.start(), "BUGS has no " + m.group(1)

    def rows(self):
        """Returns: what is in SPEC and not in invariant.def, or the other way round."""
        table = {"INV-%02d" % int(n) for path in glob.glob("src/*/invariant.def")
                 for n in re.findall(r"^INVARIANT\((\d+),", read(path), re.M)}
        spec = {a for a in self.spec if a.startswith("INV-")}
        return ["invariant.def has no row for " + a for a in sorted(spec - table)] + \
            ["docs/SPEC.md has no " + a for a in sorted(table - spec)]


def files():
    yield "README.md"
    for folder in FOLDERS:
        for path in sorted(glob.glob(folder + "/**", recursive=True)):
            if os.path.isfile(path) and TEXT.search(path) and path != SELF:
                yield path


GOOD = "SPEC 1.4, SPEC 1.4 d, SPEC 1.3, R2; SPEC 4.2; SPEC 1.4 and INV-08, BUGS C08, (S15); C16, U28: 2020\n"
BAD = "SPEC 9.1, SPEC 1.4 e; SPEC 1.3, R9; SPEC 4.11, INV-56, INV-8; BUGS C99, U01: (H99)\n"


def main():
    book = Book()
    heard = [list(book.problems(GOOD)), list(book.problems(BAD))]
    if heard[0] or len(heard[1]) != 9:
        sys.exit("the alarm was not heard as it should be: %s" % heard)
    found, files_nr, cited_nr = book.rows(), 0, 0
    for path in files():
        text = read(path)
        files_nr += 1
        cited_nr += sum(len(p.findall(text)) for p in (SECTION, INVARIANT, ENTRY))
        found += ["%s:%d: %s" % (path, text.count("\n", 0, at) + 1, why) for at, why in book.problems(text)]
    print("\n".join(found) or "%d citations in %d files, all resolve" % (cited_nr, files_nr))
    sys.exit(1 if found else 0)


main()
