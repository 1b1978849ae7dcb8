#!/usr/bin/env python3
"""What README and docs/ name is there: links, files, commands with their options, presets, the folders of src/.

usage: tests/docs.py BONDFUZZ

Looked at is what stands in backticks or in a block of code, and relative links. A word with a *, a <, {, $ or ... in it
stands for others and is passed over. The pages that scripts write from tables have their own checks.
"""
import json
import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
FOLDERS = "src|ci|bench|corpus|docs|tests|examples|fuzz|man|cmake|sanitizers"
PLACEHOLDER = re.compile(r"[*<{$]|\.\.\.|\b[A-Z]{4,}\b")
options_of = {}


def pages():
    found = ["README.md", "sanitizers/README.md"]
    return found + sorted("docs/" + n for n in os.listdir("docs") if n.endswith(".md"))


def options(binary, command):
    """Returns: the long options of a command, None when there is no such command."""
    if command not in options_of:
        run = subprocess.run([binary, command, "--help"], capture_output=True, text=True)
        known = run.returncode == 0 and ("Usage: bondfuzz " + command) in run.stdout
        options_of[command] = set(re.findall(r"--[a-z][a-z-]*", run.stdout)) if known else None
    return options_of[command]


def code(text):
    """(line, words) of everything that is typed or printed; an indented block is inside of a fence or a table of files."""
    inside, carried = False, ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            inside = not inside
        elif inside:
            carried += line.split("#")[0].strip()
            if carried.endswith("\\"):
                carried = carried[:-1]
                continue
            yield number, carried
            carried = ""
        else:
            for words in re.findall(r"`([^`]+)`", line):
                yield number, words


def links(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            file = target.split("#")[0]
            if not re.match(r"[a-z]+:", target) and file and \
                    not os.path.exists(os.path.join(os.path.dirname(path), file)):
                yield number, "a dead link: " + target


def files(words):
    for name in re.findall(r"(?<![\w/.-])(?:%s)/[\w./*<{$-]+" % FOLDERS, words):
        name = name.rstrip(".")
        if not PLACEHOLDER.search(name) and not name.startswith(("corpus/found/", "fuzz/fuzz_")) and not os.path.exists(name):
            yield "no such file: " + name


def commands(binary, words):
    for command, rest in re.findall(r"(?:^|[\s/])bondfuzz ([a-z]+)\b([^|;&`]*)", words):
        if PLACEHOLDER.search(command):
            continue
        known = options(binary, command)
        if known is None:
            yield "no such command: bondfuzz " + command
            continue
        for option in re.findall(r"(?:^|\s)(--[a-z][a-z-]*)", rest):
            if option not in known:
                yield "bondfuzz %s has no %s" % (command, option)


def presets(words, known):
    for line in re.findall(r"(?:^|\s)ci/build ((?:[a-z][\w:-]*\s*)+)", words):
        for word in line.split():
            if word.split(":")[0] not in known:
                yield "no such preset: " + word.split(":")[0]
    for word in re.findall(r"(?:^|[\s$(])build/([a-z][\w-]*)/", words):
        if word not in known:
            yield "no such preset: build/" + word


# docs/ADDING.md: a file that the reader is to write.
TO_WRITE = re.compile(r"^\*\*`[^`]+`\*\* \(new\):$", re.M)


def problems(binary, path, text, known):
    text = TO_WRITE.sub("", text)
    found = list(links(path, text))
    for number, words in code(text):
        if words.startswith(("bondfuzz ", "bondfuzz:")) and " finds " in words:
            continue
        for bad in [*files(words), *commands(binary, words), *presets(words, known)]:
            found.append((number, bad))
    return ["%s:%d: %s" % (path, number, bad) for number, bad in found]


def folders_of_the_table(text):
    named = set(re.findall(r"`src/([a-z]+)", text.split("## Layers")[1]))
    return ["docs/ARCHITECTURE.md: the table of layers has no row for src/" + n
            for n in sorted(os.listdir("src")) if n not in named]


ALARM = """[a](nowhere.md) `bondfuzz rnu` `bondfuzz run --stratgy x`, `src/core/nothing.c`, `ci/nothing`
```
build/realease/bondfuzz check corpus/nothing.bond
ci/build relese:all
```
"""


def main():
    binary = os.path.abspath(sys.argv[1])
    known = {p["name"] for p in json.load(open("CMakePresets.json"))["configurePresets"]}
    heard = problems(binary, "alarm.md", ALARM, known)
    if len(heard) != 8:
        sys.exit("the alarm was not heard as it should be: %s" % heard)
    found = []
    for path in pages():
        with open(path, encoding="utf-8") as f:
            found += problems(binary, path, f.read(), known)
    with open("docs/ARCHITECTURE.md", encoding="utf-8") as f:
        found += folders_of_the_table(f.read())
    print("\n".join(found) or "%d pages, nothing is named that is not there" % len(pages()))
    sys.exit(1 if found else 0)


main()
