"""derive.py: what users can make a file of the tree do, read from its source: the files that it offers.

A table of file operations with an open() is a device: its operations, and the ioctl commands that the file
compares with. Only devices that the file itself registers are derived, and those whose open() needs no
inode: of others nobody knows here what a file is opened with.
"""
import os
import re
import subprocess
import tempfile

import tools

TABLES_MAX = 5    # the kinds that a table of ops may have
COMMANDS_MAX = 32 # the words of one operand
SIZE_MAX = 4 << 20

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
TABLE = re.compile(r"\bstruct\s+file_operations\s+(\w+)\s*=\s*\{(.*?)\}\s*;", re.S)
MEMBER = re.compile(r"\.(\w+)\s*=\s*&?(\w+)")
REGISTERED = r"(?:\.fops\s*=\s*&|cdev_init\([^;]*&|->ops\s*=\s*&|register_chrdev\([^;]*&|->fops\s*=\s*&)\s*{0}\b"
MADE = r"anon_inode_(?:create_)?getf(?:d|ile)\w*\([^;]*&\s*{0}\b"
COMMAND = re.compile(r"\bcase\s+([A-Z]\w+)\s*:|==\s*([A-Z]\w*_\w+)\b")
INIT = re.compile(r"^\s*(module_init|\w+_initcall|\w+_initcall_sync|module_misc_device|builtin_misc_device)\s*\(\s*(\w+)\s*\)", re.M)
USED = ("read", "write", "poll", "mmap", "unlocked_ioctl")
OURS = {"mm", "module"} # kinds that each table has, or that mean something else


def source(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return COMMENT.sub(" ", f.read(SIZE_MAX))


def function(text, name):
    """The text of a function, from its parameters on; "" where there is none."""
    for found in re.finditer(rf"\b{re.escape(name)}\s*\(([^;{{}}]*)\)\s*(?:__\w+[^;{{}}]*)?\{{", text):
        depth, at = 1, found.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        return text[found.start():at]
    return ""


def commands(text, name):
    """The names that an ioctl function compares with, and those that it passes its command to."""
    found, todo, seen = [], [name], set()
    while todo and len(seen) < 20:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        body = function(text, name)
        found += [a or b for a, b in COMMAND.findall(body)]
        todo += re.findall(r"\b(\w+)\s*\([^;()]*\b(?:cmd|command|ioctl)\b", body)
    return list(dict.fromkeys(found))[:COMMANDS_MAX]


def needs_inode(text, name):
    """Does open() look at its inode? Then somebody has put something there."""
    body = function(text, name)
    inode = re.match(r"\w+\s*\(\s*struct\s+inode\s*\*\s*(\w+)\s*,\s*struct\s+file\s*\*\s*(\w+)", body)
    return not inode or re.search(rf"\b{inode.group(1)}\b|=[^=;]*\b{inode.group(2)}->private_data|\b{inode.group(2)}\s*[,)]",
                                  body[inode.end():]) is not None


def reached(text, name):
    """The functions of the file that @name may call, as its text says it."""
    found, todo = set(), [name]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        todo += re.findall(r"\b([A-Za-z_]\w*)\b", function(text, name))
    return found


def around(text, at):
    """The function that position @at of the text is in; "" for none."""
    start = re.compile(r"^[A-Za-z_][^;={}()]*?\b(\w+)\s*\([^;{}]*\)\s*\{", re.M)
    found = [m for m in start.finditer(text, 0, at)][-1:]
    return found[0].group(1) if found and at < found[0].start(1) + len(found[0].group(1)) + len(function(text, found[0].group(1))) else ""


def unreached(text, table):
    """The function that registers the device of @table, where the file's init function does not come to it; else ""."""
    at = re.search(REGISTERED.format(re.escape(table)), text).start()
    thing = re.findall(r"\b(\w+)\s*=\s*\{[^;]*$", text[:at])
    if not around(text, at) and thing: # in an object that is there from the start: who passes it on?
        call = re.search(rf"\bmisc_register\s*\(\s*&\s*{thing[-1]}\b", text)
        at = call.start() if call else 0
    name, init = around(text, at), INIT.search(text)
    return name if name and not (init and name in reached(text, init.group(2))) else ""


class Device:
    """One table of file operations, and how it is used."""

    def __init__(self, table, members, registered, names):
        self.table, self.members, self.registered, self.names = table, members, registered, names
        self.label, self.commands = None, [] # (name, value)
        self.unreached = ""                                       # the function that registers it, where init does not call that
        self.is_made, self.giver = False, None                    # the device whose ioctl makes such a file: it is not opened


def label_of(table, name, taken):
    """How ops are called: by the table, without what such tables have in common."""
    label = re.sub(r"_?(f_?ops|file_ops|file_operations|operations|ops)$", "", table.lower()).strip("_")[:16] or name
    label = label + "_file" if label in OURS or not label[0].isalpha() else label
    return label if label not in taken else f"{label[:14]}_{len(taken)}"


def devices(path, name, have):
    """Of the file at @path, the devices; @have: the symbols of its object."""
    text, found = source(path), []
    for table, body in TABLE.findall(text):
        members = dict(MEMBER.findall(body))
        registered = re.search(REGISTERED.format(re.escape(table)), text) is not None
        opens = members.get("open")
        if table not in have or not any(word in members for word in (*USED, "open")):
            continue
        made = re.search(MADE.format(re.escape(table)), text) is not None and not opens
        if not made and not registered and (not opens or needs_inode(text, opens)):
            continue
        found.append(Device(table, members, registered, commands(text, members["unlocked_ioctl"]) if "unlocked_ioctl" in members else []))
        found[-1].is_made = made
        found[-1].unreached = unreached(text, table) if registered else ""
    giver = next((d for d in found if not d.is_made and d.names), None)
    found = [d for d in found if not d.is_made or giver]
    found.sort(key=lambda d: d.is_made)
    for device in found[:TABLES_MAX]:
        device.giver = giver if device.is_made else None
        device.label = name if len(found) == 1 and name not in OURS else label_of(device.table, name, [d.label for d in found if d.label])
    return found[:TABLES_MAX]


def values(words, path, names):
    """name -> what the compiler makes of it, in the file itself; @words: its command. What is no constant is left out."""
    with tempfile.NamedTemporaryFile("w", suffix=".c", delete=False) as f:
        f.write(f"#include \"{path}\"\n" + "".join(f"const unsigned long bond_value_{n} = (unsigned long)({n});\n" for n in names))
    try:
        plain = [word for word in words if not word.startswith(("-fsanitize", "-O")) and word not in ("-MD", "-MF", "-MT")]
        at = plain.index("-c")
        done = subprocess.run([*plain[:at], f"-I{os.path.dirname(path)}", f.name, "-S", "-emit-llvm", "-g0", "-ferror-limit=0", "-o", "-"],
                              capture_output=True, text=True, errors="replace", check=False)
    finally:
        os.unlink(f.name)
    found = re.findall(r"^@bond_value_(\w+) = .*?constant i64 (-?\d+)", done.stdout, re.M)
    if done.returncode and len(names) > 1: # one of them is none of the file's: each by itself
        return {n: v for name in names for n, v in values(words, path, [name]).items()}
    return {name: int(value) & 0xffffffff for name, value in found}


def begins(path, have):
    """(what starts the file, what ends it): functions, None where there is none."""
    if "init_module" in have:
        return "init_module", "cleanup_module" if "cleanup_module" in have else None
    text = source(path)
    found = {word: function_name for word, function_name in INIT.findall(text)}
    for word, name in found.items():
        name = name + "_init" if word.endswith("misc_device") else name
        if name in have:
            return name, None
    return None, None


def begins_for_another(path, have, found):
    """The same of a file without an init: the function without arguments that registers a device of it, for another file's init."""
    text = source(path)
    for device in found:
        name = device.unreached
        if name in have and re.match(rf"{name}\s*\(\s*void\s*\)", function(text, name)):
            device.unreached = ""
            ends = [name.replace("init", end) for end in ("exit", "cleanup", "fini") if "init" in name]
            return name, next((n for n in ends if n in have), None)
    return None, None


class Derived:
    """What import writes an op file of: devices, how the file begins and ends, and which of its names are static."""

    def __init__(self, path, name, out, words):
        symbols = dict(tools.symbols(out))
        have = {n for n, letter in symbols.items() if letter not in "Uwv"}
        self.name, self.devices = name, devices(path, name, have)
        self.init, self.exit = begins(path, have) if self.devices else (None, None)
        if not self.init:
            self.init, self.exit = begins_for_another(path, have, self.devices)
        wanted = [n for d in self.devices for n in d.names]
        known = values(words, path, list(dict.fromkeys(wanted))) if wanted else {}
        for device in self.devices:
            device.commands = [(n, known[n]) for n in device.names if n in known]
        self.devices = [d for d in self.devices if not d.giver or d.giver.commands]
        named = [d.table for d in self.devices] + [n for n in (self.init, self.exit) if n]
        self.statics = [n for n in named if symbols.get(n, "U").islower()]

    def text(self):
        """What import prints of it."""
        if not self.devices:
            return "ops: a template only: the file registers no device; what makes it do something is for NAME_tree.c to say\n"
        rows = [f"{d.label} ({d.table}: {' '.join(sorted(d.members.keys() - {'owner'}))}; {len(d.commands)} ioctl commands)" for d in self.devices]
        late = "".join(f"  {d.label}_open finds no device yet: {d.unreached}() registers it, which the file's init does not call: "
                       f"do it in load() of {self.name}_tree.c, or call probe() there with a device of yours\n"
                       for d in self.devices if d.unreached)
        return f"ops derived: {', '.join(rows)}\n" + late
