#!/usr/bin/env python3
"""One driver, two worlds: our notifier core on one side, a kernel's own on the other. Both must answer alike.

usage: tests/worlds.py OURS TREE [--programs N] [--seed N] [--keep DIR]
  OURS TREE     bondfuzz, and bondfuzz-6.12 (src/tree)
  --programs N  generated for each subject besides those of the corpus (default 200)

Programs of subjects that both have run in one thread, in the order of their text, and as they are with the
plain schedule: without chance, so that both worlds do the same. Compared is what a user sees: what each op
returned, the rule that was broken, and the object. Schedules are not compared: places in a core are its own.

Exit status: 0 alike, 1 a difference that tests/worlds.list does not explain, or one there that is not seen: so it
is known that a difference would be seen; 77 TREE is not built.
"""
import argparse
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
OPS = 8


def rows(program, *words):
    done = subprocess.run([program, *words, "--json"], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def subjects(program):
    return {r["name"] for r in rows(program, "list", "subjects") if not r["posted"]}


# ---- programs ----

def read(path):
    """Returns: the subject, set-up lines, lines of threads; none where the file is not the plain kind."""
    subject, setup, threads = None, [], []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("subject "):
            subject = line.split()[1]
        elif re.match("[A-F]: ", line):
            threads.append(line)
        elif line.startswith(("schedule", "expect")):
            break
        elif line and not line.startswith(("#", "bondfuzz")):
            setup.append(line)
    return subject, setup, threads


def text(subject, setup, threads):
    return "\n".join(["bondfuzz 1", "subject " + subject, *setup, *threads, "schedule:", ""])


def operand(rng, kind, objects):
    """A word of a line, or None: there is no such object yet."""
    if "|" in kind:
        return rng.choice(kind.split("|"))
    m = re.fullmatch(r"0\.\.(\d+)", kind)
    if m:
        return str(rng.randint(0, int(m[1])))
    return rng.choice(objects[kind]) if objects.get(kind) else None


def generate(rng, subject, ops):
    """A sequence of ops over objects that earlier lines made, dead ones among them."""
    lines, objects = [], {}
    while len(lines) < OPS:
        op = rng.choices(ops, [o["weight"] or 1 for o in ops])[0]
        if op["place"] == "thread" and not lines:
            continue
        words = [operand(rng, kind, objects) for kind in op["operands"].split()]
        if None in words:
            continue
        result = ""
        if op["gives"]:
            made = objects.setdefault(op["gives"], [])
            if len(made) == 3:
                continue
            made.append(f"{op['gives']}{len(made)}")
            result = made[-1] + " = "
        lines.append(" ".join([result + op["name"], *words]))
    return text(subject, [], ["A: " + line for line in lines])


def programs(args, names, folder):
    """Writes all of them. Returns: how many."""
    nr = 0

    def write(content):
        nonlocal nr
        nr += 1
        with open(os.path.join(folder, f"{nr:05}.bond"), "w", encoding="utf-8") as f:
            f.write(content)

    for path in sorted(glob.glob(os.path.join(ROOT, "corpus/*/*.bond"))):
        subject, setup, threads = read(path)
        if subject in names:
            write(text(subject, setup, ["A" + line[1:] for line in threads]))
            write(text(subject, setup, threads))
    listed = rows(args.ours, "list", "ops")
    there = {(r["subject"], r["name"]) for r in rows(args.tree, "list", "ops")}
    for subject in sorted(names):
        rng = random.Random(f"{args.seed} {subject}")
        ops = [r for r in listed if r["subject"] == subject and (subject, r["name"]) in there]
        for _ in range(args.programs):
            write(generate(rng, subject, ops))
    return nr


# ---- the comparison ----

def visible(row):
    return {"verdict": row["verdict"], "object": row["object"],
            "ops": [(o["thread"], o["op"], o["returned"]) for o in row["ops"]]}


def run(program, folder):
    return {os.path.basename(r["file"]): visible(r) for r in rows(program, "run", "--quiet", folder)}


def difference(ours, tree):
    """What is unlike first: an op's value, else the end."""
    for a, b in zip(ours["ops"], tree["ops"]):
        if a != b:
            return f"{a[1]}: {a[2]}, {b[2]}"
    if (ours["verdict"], ours["object"]) != (tree["verdict"], tree["object"]):
        return f"{ours['verdict']} {ours['object'] or ''}, {tree['verdict']} {tree['object'] or ''}"
    return None


def explained():
    path = os.path.join(ROOT, "tests/worlds.list")
    return [re.compile(line.split("#")[0].strip()) for line in open(path, encoding="utf-8") if line.split("#")[0].strip()]


def main():
    p = argparse.ArgumentParser(usage=__doc__, allow_abbrev=False)
    p.add_argument("ours")
    p.add_argument("tree")
    p.add_argument("--programs", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep")
    args = p.parse_args()
    if not os.access(args.tree, os.X_OK):
        print(f"{args.tree} is not built")
        return 77
    names = subjects(args.ours) & subjects(args.tree)
    known, unlike = {k: 0 for k in explained()}, {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or scratch
        os.makedirs(folder, exist_ok=True)
        nr = programs(args, names, folder)
        ours, tree = run(args.ours, folder), run(args.tree, folder)
        if len(ours) != nr or len(tree) < nr * 0.9:  # some kernels lack some ops
            print(f"{nr} programs, of which {len(ours)} and {len(tree)} ran")
            return 1
        for name, end in ours.items():
            what = name in tree and difference(end, tree[name])
            why = what and next((k for k in known if k.fullmatch(what)), None)
            if why:
                known[why] += 1
            elif what:
                unlike.setdefault(what, []).append(open(os.path.join(folder, name), encoding="utf-8").read())
    for what, texts in sorted(unlike.items()):
        print(f"{what}: {len(texts)} programs, such as\n{min(texts, key=len)}")
    unseen = [k.pattern for k, seen in known.items() if not seen]
    for pattern in unseen:
        print(f"tests/worlds.list has '{pattern}', which was not seen")
    refused = sum(any(o[2] for o in end["ops"]) for end in ours.values())
    print(f"{len(tree)} programs over {len(names)} subjects, in {refused} of which an op fails: "
          f"{sum(map(len, unlike.values()))} differ, {sum(known.values())} as tests/worlds.list says")
    return 1 if unlike or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
