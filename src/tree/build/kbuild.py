"""kbuild.py: what the tree's own Makefiles say of a file: include folders, and the config options that it is built for.

Only assignments and the conditions around them are read, and only variables that are assigned once are
expanded. What this misses a person gives with -D and -I.
"""
import os
import re

SIZE_MAX = 1 << 20
DEPTH_MAX = 8
EXPANDED_MAX = 1000 # of one value
ASSIGNED = re.compile(r"^\s*([\w.-]+(?:\$\(CONFIG_\w+\))?)\s*(?:[:+?]?=)\s*(.*)$")


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read(SIZE_MAX)
    except OSError:
        return ""


def condition(line):
    """The CONFIG_ names without which what follows @line is not read: ifdef X, ifneq ($(X),), ifeq ($(X),y)."""
    found = re.match(r"\s*ifdef\s+(CONFIG_\w+)", line) or re.match(r"\s*ifneq\s*\((.*),\s*\)", line) or \
        re.match(r"\s*ifeq\s*\((\$\(CONFIG_\w+\)),\s*[ym]\s*\)", line)
    return re.findall(r"CONFIG_\w+", found.group(1))[:1] if found else []


def statements(text):
    """(name, value, conditions) of each assignment."""
    text = re.sub(r"\\\n", " ", re.sub(r"#[^\n\\]*$", "", text, flags=re.M))
    around, found = [], []
    for line in text.splitlines():
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if word.startswith("if"):
            around.append(condition(line))
        elif word in ("else", "endif") and around:
            around.pop()
            around += [condition(line.split(maxsplit=1)[-1])] if word == "else" else []
        elif m := ASSIGNED.match(line):
            found.append((*m.groups(), [name for names in around for name in names]))
    return found


class Makefiles:
    """The Makefile of a file's folder; those that include it; and of the folders above, what is for all below or names the file."""

    def __init__(self, tree, file, built=None):
        self.tree, self.file, self.built = tree, file, built
        folder = os.path.dirname(os.path.join(tree, file))
        self.left = 0  # of EXPANDED_MAX
        self.rows = [] # (folder, name, value, conditions)
        for path in [*self.beside(folder), folder]:
            self.rows += [(path, *row) for row in statements(self.text(path))]
        for path in self.above(folder):
            self.rows += self.rows_above(path)
        self.variables = {name: (path, value) for path, name, value, _ in self.rows}

    def above(self, folder):
        while folder not in (self.tree, os.path.dirname(folder)):
            folder = os.path.dirname(folder)
            yield folder

    def rows_above(self, folder):
        text = self.text(folder)
        from_here = os.path.relpath(os.path.join(self.tree, self.file), folder).removesuffix(".c") + ".o"
        names_it = re.search(rf"(?<![\w./-]){re.escape(from_here)}\b", text)
        return [(folder, *row) for row in statements(text) if names_it or row[0].startswith("subdir-ccflags")]

    @staticmethod
    def text(folder):
        return read(os.path.join(folder, "Kbuild")) + "\n" + read(os.path.join(folder, "Makefile"))

    def beside(self, folder):
        """Folders beside this one whose Makefile includes the Makefile of this one."""
        parent, name = os.path.split(folder)
        if not os.path.isdir(parent):
            return []
        return [os.path.join(parent, other) for other in sorted(os.listdir(parent)) if other != name and
                re.search(rf"^include .*/{re.escape(name)}/Makefile", read(os.path.join(parent, other, "Makefile")), re.M)]

    def expanded(self, folder, text, depth=0):
        self.left = EXPANDED_MAX if not depth else self.left

        def value(m):
            self.left -= 1
            here = os.path.relpath(folder, self.tree) # older Makefiles write $(srctree)/$(src)
            known = {"src": here, "obj": here, "srctree": self.tree, "objtree": self.tree}
            if m.group(1) in known:
                return known[m.group(1)]
            where, said = self.variables.get(m.group(1), (folder, ""))
            return self.expanded(where, said, depth + 1) if depth < DEPTH_MAX and self.left > 0 else ""
        return re.sub(r"\$\((\w+)\)", value, text)

    def includes(self):
        """The folders behind -I that are there, in the tree and where it was built."""
        found = []
        for folder, name, value, _ in self.rows:
            if not re.match(r"(subdir-)?ccflags|CFLAGS", name):
                continue
            for path in re.findall(r"-I\s*(\S+)", self.expanded(folder, value)):
                path = os.path.normpath(os.path.join(self.tree, path))
                built = os.path.join(self.built, os.path.relpath(path, self.tree)) if self.built else path
                found += [p for p in dict.fromkeys((path, built)) if p not in found and self.is_inside(p) and os.path.isdir(p)]
        return found

    def is_inside(self, path):
        """A Makefile has no say about folders beside the tree."""
        return any(path == folder or path.startswith(folder + os.sep) for folder in (self.tree, self.built) if folder)

    def words(self, folder, value):
        """Of a value, the objects: a path is a name only if it may be of the file's folder."""
        ours = os.path.dirname(os.path.join(self.tree, self.file))
        for word in value.split():
            if "/" not in word or "$(" in word or os.path.dirname(os.path.join(folder, word)) == ours:
                yield os.path.basename(word)

    def options(self):
        """CONFIG_ names without which the file is not built, as far as assignments say so."""
        names, options = {os.path.basename(self.file).removesuffix(".c") + ".o"}, []
        for _ in range(DEPTH_MAX):
            before = len(names)
            for folder, name, value, conditions in self.rows:
                if names & set(self.words(folder, value)):
                    options += [o for o in re.findall(r"\$\((CONFIG_\w+)\)", name) + conditions if o not in options]
                    base = re.sub(r"-(y|objs|m|\$\(CONFIG_\w+\))$", "", name)
                    names |= {f"$({name})"} if base == name else {f"$({name})", f"{base}.o"}
            if len(names) == before:
                break
        return options


def config_of(generated):
    """CONFIG_ name -> "y", "m", or another value, as the generated headers have them."""
    text = read(os.path.join(generated, "include/generated/autoconf.h"))
    found = {}
    for name, value in re.findall(r"^#define (CONFIG_\w+) (.*)$", text, re.M):
        if name.endswith("_MODULE"):
            found[name.removesuffix("_MODULE")] = "m"
        else:
            found.setdefault(name, "y" if value == "1" else value)
    return found
