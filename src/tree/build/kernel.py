"""kernel.py: where a kernel's source and its generated headers are, and how its files compile.

A kernel is three folders: the tree, which has the files and their headers; the generated headers of
one configuration (autoconf.h, asm wrappers); and our overlay in front of both. Everything else that
the build scripts need (version, flags, the first words of an error) follows from these.
"""
import os
import re

import errors

GENERATED = "include/generated/autoconf.h"
TRIED = ((6, 1), (6, 12))

# As the kernel's KCSAN instruments it: marked accesses and read-modify-write are told apart.
INSTRUMENT = (
    "-fsanitize=thread -mllvm -tsan-distinguish-volatile=1 "
    "-mllvm -tsan-compound-read-before-write=1 -mllvm -tsan-instrument-func-entry-exit=0"
).split()

# No -mcmodel=kernel: the program is an ordinary one. No floating point, no canaries, no PIE ("i" constraints).
CODE = (
    "--target=x86_64-linux-gnu -std=gnu11 -fshort-wchar -funsigned-char -fno-common -fno-PIE "
    "-fno-strict-aliasing -fcf-protection=none -mno-sse -mno-80387 -fno-stack-protector -O2 -g "
    "-fno-omit-frame-pointer -fno-optimize-sibling-calls -nostdinc -ferror-limit=5"
).split()

DEFINES = (
    "-D__KERNEL__ -DCC_USING_FENTRY -DCONFIG_KCSAN=1 -DCONFIG_KCSAN_WEAK_MEMORY=1 -DBOND_TREE=1"
).split()


# What some kernels have and others have not, by a pattern in one of their headers. Ops that need it
# are not offered where it is missing (LACKS in the tables of src/subject).
CAPABILITIES = (
    ("HAVE_TWO_PASS", "include/linux/mmu_notifier.h", re.compile(r"\(\*invalidate_finish\)")),
)


def version_of(tree):
    """(6, 12, 117) from the tree's Makefile."""
    path = os.path.join(tree, "Makefile")
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise errors.Refused(f"{tree}: no kernel tree (no Makefile that can be read)")
    with open(path, encoding="utf-8", errors="replace") as f:
        head = f.read(4096)
    words = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL)\s*=\s*(\d+)\s*$", head, re.M))
    if "VERSION" not in words or "PATCHLEVEL" not in words:
        raise errors.Refused(f"{tree}: no kernel tree (its Makefile names no VERSION)")
    return int(words["VERSION"]), int(words["PATCHLEVEL"]), int(words.get("SUBLEVEL", 0))


def has_generated(folder):
    return os.path.isfile(os.path.join(folder, GENERATED))


def generated_of(tree, headers, build):
    """The folder with the generated headers, or an error that says how to get one."""
    for option, folder in (("--headers", headers), ("--build", build)):
        if folder and not has_generated(folder):
            raise errors.Refused(f"{folder}: no generated headers ({GENERATED} is missing), so {option} does not fit: "
                                 "name the unpacked linux-headers-*-amd64 package, or a folder where `make prepare` ran")
    if headers or build:
        return headers or build
    if has_generated(tree):
        return tree
    raise errors.Refused(f"{tree}: no generated headers ({GENERATED} is missing): run `make defconfig prepare` there, "
                         "or unpack the package linux-headers-*-amd64 of the same version and name it with --headers")


def writable(path, links=True):
    """The path of a folder or file, which stands quoted in build files: a name that ends the quotes is refused. @links: followed"""
    path = os.path.realpath(path) if links else path
    if re.search(r'["\\$;\x00-\x1f]', path):
        raise errors.Refused(f"{path!r}: neither the compiler nor CMake takes a path with one of \" \\ $ ; in it: rename it")
    return path


class Kernel:
    """What compile.py and its kin need to know of one kernel."""

    def __init__(self, tree, headers=None, build=None):
        self.tree = writable(tree)
        self.version = version_of(self.tree)
        self.generated = writable(generated_of(self.tree, headers, build))
        self.headers = self.tree
        if not os.path.isfile(os.path.join(self.tree, "include/linux/kconfig.h")):
            self.headers = self._common()

    def _common(self):
        """Debian's headers stand in two packages, of the flavour and common to all."""
        common = re.sub(r"-[a-z0-9]+$", "-common", self.generated)
        if not os.path.isfile(os.path.join(common, "include/linux/kconfig.h")):
            raise errors.Refused(f"{self.tree}: no include/linux, and no headers in {common}")
        return common

    def name(self):
        return ".".join(str(n) for n in self.version)

    def was_tried(self):
        return self.version[:2] in TRIED

    def untried(self):
        """Of another kernel: what its user should know."""
        return f"kernel {self.name()} was never tried, {' and '.join(f'{a}.{b}' for a, b in TRIED)} were"

    def number(self):
        return self.version[0] * 10000 + self.version[1] * 100

    def capabilities(self):
        """As options of the compiler."""
        found = []
        for name, header, pattern in CAPABILITIES:
            try:
                with open(os.path.join(self.headers, header), encoding="utf-8", errors="replace") as f:
                    text = f.read()
            except OSError:
                raise errors.Refused(f"{self.headers}: no {header}") from None
            if pattern.search(text):
                found.append(f"-D{name}=1")
        return found

    def includes(self, overlay):
        """In the order of the kernel's own Makefile; what is generated behind what is written."""
        pairs = (("arch/x86/include", "arch/x86/include/generated"), ("include", "include"),
                 ("arch/x86/include/uapi", "arch/x86/include/generated/uapi"),
                 ("include/uapi", "include/generated/uapi"))
        folders = [overlay]
        for written, generated in pairs:
            folders += [os.path.join(self.headers, written), os.path.join(self.generated, generated)]
        return [f"-I{folder}" for folder in folders]

    def forced(self, overlay):
        linux = os.path.join(self.headers, "include/linux")
        files = [f"{linux}/compiler-version.h", f"{linux}/kconfig.h", f"{overlay}/bond_config.h", f"{linux}/compiler_types.h"]
        return [word for file in files for word in ("-include", file)]

    def flags(self, overlay, name):
        """Everything that is the same for each file but its own options."""
        names = [f"-DKBUILD_{w}=\"{name}\"" for w in ("MODNAME", "BASENAME", "MODFILE")]
        return (CODE + self.includes(overlay) + self.forced(overlay) + DEFINES + names +
                [f"-D__KBUILD_MODNAME={name}", f"-DBOND_KERNEL={self.number()}", *self.capabilities()])
