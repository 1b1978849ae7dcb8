"""tools.py: the programs of the tool chain, found once; what they say when they fail is shown."""
import os
import shutil
import subprocess

import errors

# LLVM's tools have the version of the compiler in their names on Debian, binutils have none.
CLANG = os.environ.get("BONDFUZZ_TREE_CC", "clang-19")
PACKAGES = {"clang-19": "clang-19", "llvm-objdump-19": "llvm-19", "llvm-symbolizer-19": "llvm-19",
            "ld": "binutils", "nm": "binutils", "objcopy": "binutils"}


def find(name):
    """The path of a tool, or an error that names its package."""
    path = shutil.which(name)
    if not path:
        package = PACKAGES.get(os.path.basename(name), os.path.basename(name))
        raise errors.Refused(f"{name} is missing: world tree needs it (Debian: apt-get install {package})")
    return path


def launcher():
    """What stands in front of the compiler: what CMake was told, or else the cache of objects, if there is one."""
    told = os.environ.get("CMAKE_C_COMPILER_LAUNCHER")
    if told is not None:
        return told.split()
    found = shutil.which("ccache")
    return [found] if found else []


def run(name, *args, stdin=None):
    """The standard output of a tool that succeeds."""
    done = subprocess.run([find(name), *args], input=stdin, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise errors.Refused(f"{name} failed: {done.stderr.strip()[:2000]}")
    return done.stdout


def symbols(*paths):
    """(name, letter of nm) of each symbol of objects or archives."""
    rows = (line.split() for line in run("nm", "-P", "--no-sort", *paths).splitlines())
    return [(row[0], row[1]) for row in rows if len(row) >= 2 and len(row[1]) == 1]


def defined(*paths):
    return {name for name, letter in symbols(*paths) if letter not in "Uwv"}


def undefined(path):
    return {name for name, letter in symbols(path) if letter in "Uwv"}


def write_if_changed(path, text):
    """Nothing is built again for a file whose words are the same."""
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except OSError:
        pass
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
