"""kbuild.py: what the tree's own Makefiles say of a file: include folders, and the config options that it is built for.

Only assignments are read, whatever condition they are under, and only variables that are assigned once are
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


def statements(text):
    """(name, value) of each assignment."""
    text = re.sub(r"\\\n", " ", re.sub(r"#[^\n\\]*$", "", text, flags=re.M))
    return [m.groups() for m in map(ASSIGNED.match, text.splitlines()) if m]


class Makefiles:
    """The Makefile of a file's folder; if another folder's includes that, both."""

    def __init__(self, tree, file):
        self.tree, self.file = tree, file
        folder = os.path.dirname(os.path.join(tree, file))
        self.left = 0  # of EXPANDED_MAX
        self.rows = [] # (folder, name, value)
        for path in [*self.beside(folder), folder]:
            self.rows += [(path, *row) for row in statements(self.text(path))]
        self.variables = {name: (path, value) for path, name, value in self.rows}

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
            known = {"src": folder, "obj": folder, "srctree": self.tree, "objtree": self.tree}
            if m.group(1) in known:
                return known[m.group(1)]
            where, said = self.variables.get(m.group(1), (folder, ""))
            return self.expanded(where, said, depth + 1) if depth < DEPTH_MAX and self.left > 0 else ""
        return re.sub(r"\$\((\w+)\)", value, text)

    def includes(self):
        """The folders behind -I that are there."""
        found = []
        for folder, name, value in self.rows:
            if re.match(r"(subdir-)?ccflags|CFLAGS", name):
                for path in re.findall(r"-I\s*(\S+)", self.expanded(folder, value)):
                    path = os.path.normpath(os.path.join(self.tree, path))
                    if path not in found and os.path.isdir(path):
                        found.append(path)
        return found

    def options(self):
        """CONFIG_ names without which the file is not built, as far as assignments say so."""
        names, options = {os.path.basename(self.file).removesuffix(".c") + ".o"}, []
        for _ in range(DEPTH_MAX):
            before = len(names)
            for _, name, value in self.rows:
                words = {os.path.basename(word) for word in value.split()}
                if names & words:
                    options += [o for o in re.findall(r"\$\((CONFIG_\w+)\)", name) if o not in options]
                    base = re.sub(r"-(y|objs|m|\$\(CONFIG_\w+\))$", "", name)
                    names.add(f"$({name})" if base == name else f"{base}.o")
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
