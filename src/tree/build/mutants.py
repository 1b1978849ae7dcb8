#!/usr/bin/env python3
"""mutants.py: every one-line mutant of a file of the tree, of the kinds that lifetime code dies of.

A mutant is one statement less, or two in another order. Each is compiled in place of the file, linked
as the program of the build folder is, and searched from nothing: each subject in turn, until a verdict
is found that the file as it is does not show in the same time. The copies and programs stay in the
scratch folder; nothing of the tree is printed but function names and line numbers.

kinds: synchronize, get, put, wake-up, wait, unlink, lock pair, order (of release and unlink)
"""
import argparse
import os
import re
import signal
import subprocess
import tempfile
import time

import errors

KINDS = (
    ("synchronize", r"(?:synchronize_\w+|rcu_barrier|srcu_barrier|flush_work\w*|flush_workqueue|cancel_work_sync|drain_workqueue)\s*\("),
    ("get", r"(?:mmgrab|mmget|kref_get|refcount_inc|get_device|atomic_inc|get_page|get_task_struct)\s*\(|(?:\+\+[\w>.\[\]-]+|[\w>.\[\]-]+\+\+);"),
    ("put", r"(?:mmdrop|mmput|mmput_async|kref_put|put_device|put_page|put_task_struct|atomic_dec|call_srcu|call_rcu|kfree\w*)\s*\("),
    ("wake-up", r"(?:wake_up\w*|complete(?:_all)?)\s*\("),
    ("wait", r"(?:wait_event\w*|wait_for_completion\w*)\s*\("),
    ("unlink", r"(?:hlist_del\w*|list_del\w*|list_move\w*|interval_tree_remove|rb_erase\w*|\w+_interval_remove)\s*\("),
)
LOCK = re.compile(r"^\s*(?:\w+\s*=\s*)?(spin_lock|mutex_lock|down_write|down_read|srcu_read_lock|mmap_write_lock|spin_lock_irqsave|write_lock|read_lock)\s*\(([^;]*)\);")
RELEASE = re.compile(r"(?:->release|->free_notifier|kfree|call_srcu|call_rcu|_put|mmdrop)\s*\(")
SEARCH_MAX = 60


class Mutant:
    def __init__(self, kind, line, function, what, lines):
        self.kind, self.line, self.function, self.what, self.lines = kind, line, function, what, lines


def statement_end(lines, at):
    """The last line of the statement that begins at @at; None: it is no simple statement."""
    depth = 0
    for i in range(at, min(at + 8, len(lines))):
        text = re.sub(r'"(?:\\.|[^"\\])*"|/\*.*?\*/', "", lines[i])
        depth += text.count("(") - text.count(")")
        if "{" in text or "}" in text or (i == at and re.match(r"\s*(?:if|while|for|return|else|switch)\b", text)):
            return None
        if depth == 0 and text.rstrip().endswith(";"):
            return i
    return None


def functions(lines):
    """The name of the function that each line is in, or None."""
    found, name, inside = [], None, False
    for line in lines:
        head = re.match(r"^(?:[A-Za-z_][\w \t*]*[\s*])?([A-Za-z_]\w*)\s*\(", line)
        if head and not line.startswith(("EXPORT", "struct ", "#", "module", "DEFINE")):
            name = head.group(1)
        inside = True if line.startswith("{") else inside
        found.append(name if inside else None)
        if line.startswith("}"):
            inside, name = False, None
    return found


def empty(lines, first, last):
    """The file without a statement: its lines stay, so that places keep their numbers."""
    return lines[:first] + [re.match(r"\s*", lines[first]).group(0) + ";"] + [""] * (last - first) + lines[last + 1:]


def one_less(lines, where):
    for at, line in enumerate(lines):
        if not where[at]:
            continue
        for kind, pattern in KINDS:
            if re.match(r"\s*(?:\(void\)\s*)?(?:\w+\s*=\s*)?(?:" + pattern + ")", line):
                last = statement_end(lines, at)
                if last is not None and "=" not in line.split("(", 1)[0].replace("==", ""):
                    yield Mutant(kind, at + 1, where[at], f"no {re.search(pattern, line).group(0).strip(' (;')}", empty(lines, at, last))
                break


def weaker(lines, where):
    """hlist_del_init_rcu() that does not leave the node unhashed."""
    for at, line in enumerate(lines):
        if where[at] and "hlist_del_init_rcu(" in line:
            yield Mutant("unlink", at + 1, where[at], "hlist_del_rcu for hlist_del_init_rcu",
                         lines[:at] + [line.replace("hlist_del_init_rcu(", "hlist_del_rcu(")] + lines[at + 1:])


UNLOCK = {"spin_lock": "spin_unlock", "mutex_lock": "mutex_unlock", "down_write": "up_write", "down_read": "up_read",
          "srcu_read_lock": "srcu_read_unlock", "mmap_write_lock": "mmap_write_unlock", "spin_lock_irqsave": "spin_unlock_irqrestore",
          "write_lock": "write_unlock", "read_lock": "read_unlock"}


def without_lock(lines, where):
    """A lock of a function that is not taken, nor dropped."""
    for at, line in enumerate(lines):
        lock = LOCK.match(line)
        if not where[at] or not lock:
            continue
        drop = re.compile(r"^\s*" + UNLOCK[lock.group(1)] + r"\s*\(" + re.escape(lock.group(2).split(",")[0]))
        same = [i for i in range(len(lines)) if where[i] == where[at] and LOCK.match(lines[i]) and
                LOCK.match(lines[i]).groups() == lock.groups()]
        new, dropped = empty(lines, at, at), 0
        after = next((i for i in same if i > at), len(lines))
        for i in range(at + 1, after):
            if where[i] == where[at] and drop.match(lines[i]) and statement_end(lines, i) is not None:
                new, dropped = empty(new, i, statement_end(lines, i)), dropped + 1
        if dropped:
            yield Mutant("lock pair", at + 1, where[at], f"no {lock.group(1)}", new)


def indent(line):
    return len(line) - len(line.lstrip("\t"))


def swapped(lines, where):
    """What gives an object away moved before what unlinks it or waits for its readers, in one block."""
    unlink = re.compile("|".join(p for k, p in KINDS if k in ("unlink", "synchronize")))
    for b, line in enumerate(lines):
        if not where[b] or not RELEASE.search(line) or statement_end(lines, b) is None:
            continue
        for a in range(b - 1, max(b - 12, 0), -1):
            if where[a] != where[b] or (lines[a].strip() and indent(lines[a]) < indent(line)) or re.search(r"^\s*\w+:|[{}]", lines[a]):
                break
            if indent(lines[a]) == indent(line) and unlink.match(lines[a].strip()) and statement_end(lines, a) is not None:
                end = statement_end(lines, b)
                yield Mutant("order", a + 1, where[a], f"behind line {b + 1}",
                             lines[:a] + lines[b:end + 1] + lines[a:b] + lines[end + 1:])


def mutants(text):
    lines = text.split("\n")
    where = functions(lines)
    made = list(one_less(lines, where)) + list(weaker(lines, where)) + list(without_lock(lines, where)) + list(swapped(lines, where))
    return sorted(made, key=lambda m: (m.line, m.kind, m.what))


class Build:
    """The commands by which a build folder makes its program, with a file and a folder exchanged."""

    def __init__(self, build, program, file):
        self.build, self.file = os.path.realpath(build), os.path.realpath(file)
        self.target = f"src/tree/{program}"
        done = subprocess.run(["ninja", "-C", self.build, "-t", "commands", self.target], capture_output=True, text=True, check=False)
        if done.returncode:
            raise errors.Refused(f"{build}: no program {program} there (build target worlds first)")
        tree = f"{self.target}.tree"
        keys = (self.file, f"{tree}/world.o", f"{tree}/sites.c")
        self.commands = [c for c in done.stdout.splitlines() if any(k in c for k in keys) and "stubs.py" not in c]
        self.object = next((m.group(1) for c in self.commands if self.file in c
                            for m in [re.search(r"-o (\S+\.o) ", c)] if m and "compile.py" in c), None)
        if not self.object:
            raise errors.Refused(f"{file} is no part of {program}")

    def make(self, path, folder):
        """The program over @path. Returns: its path, or None: the mutant does not compile."""
        tables = f"{self.target}_tables.dir"
        names = {self.file: path, self.object: f"{folder}/mutant.o"}
        out = f"{folder}/bondfuzz"
        for command in self.commands:
            changed = command
            for old, new in names.items():
                changed = changed.replace(old, new)
            for name in ("world.o", "sites.c"):
                changed = re.sub(r"(?:\S*/)?" + re.escape(os.path.basename(self.target)) + r"\.tree/" + re.escape(name) + r"(?=[\s]|$)",
                                 f"{folder}/{name}", changed)
            changed = re.sub(r"\S*_tables\.dir/\S*sites\.c\.o(?=[\s.]|$)", f"{folder}/sites.c.o", changed)
            changed = re.sub(r"-o " + re.escape(self.target) + r"(?=\s|$)", f"-o {out}", changed)
            changed = re.sub(r"&& \S*cmake -E cmake_transform_depfile.*$", "", changed)
            if "compile.py" in changed: # headers that lie beside the file are not beside its copy
                changed = re.sub(r" --(?= |$)", f" -- -I{os.path.dirname(self.file)}", changed, count=1)
            done = subprocess.run(changed, shell=True, cwd=self.build, capture_output=True, text=True, errors="replace", check=False)
            if done.returncode:
                self.why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no reason given"]
                return None
        return out


def search(program, subject, seconds, known, folder):
    """(signature, runs, seconds) of the first verdict that is not in @known, or None; and the signatures seen."""
    out = tempfile.mkdtemp(prefix="out-", dir=folder)
    p = subprocess.Popen([program, "fuzz", "--subject", subject, "--time", str(seconds), "--out", f"{out}/o"],
                         stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True)
    seen, hit = set(), None
    for line in p.stderr:
        found = re.search(r"found (\S+) after ([\d,]+) runs?, ([\d.]+) s", line)
        if not found:
            continue
        seen.add(found.group(1))
        if known is not None and found.group(1) not in known and not hit:
            hit = (found.group(1), int(found.group(2).replace(",", "")), float(found.group(3)))
            os.killpg(p.pid, signal.SIGINT)
    p.wait()
    return hit, seen


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default="build/release", help="a build folder with the program")
    p.add_argument("--program", default="bondfuzz-6.12")
    p.add_argument("--subjects", help="comma between them (default: all of the program)")
    p.add_argument("--time", type=int, default=SEARCH_MAX, help="seconds for each mutant, over all subjects")
    p.add_argument("--list", action="store_true", help="only list the mutants")
    p.add_argument("--only", help="a regular expression over 'KIND LINE FUNCTION'")
    p.add_argument("file", help="of the tree, as the program was built from it")
    return p.parse_args()


def subjects_of(args, program):
    if args.subjects:
        return args.subjects.split(",")
    done = subprocess.run([program, "list", "subjects"], capture_output=True, text=True, check=False)
    return [line.split()[0] for line in done.stdout.splitlines() if line.strip()]


def baseline(args, program, subjects, folder):
    """What the file as it is shows: no mutant is found by that."""
    return {s: search(program, s, max(args.time // len(subjects), 5), None, folder)[1] for s in subjects}


def hunt(args, program, subjects, known, folder):
    """Each subject for a few seconds, then each again for the rest: the first verdict that is new."""
    begin = time.monotonic()
    for share in (0.25, 0.75):
        for s in subjects:
            hit, _ = search(program, s, max(int(args.time * share / len(subjects)), 1), known[s], folder)
            if hit:
                return f"{s} {hit[0]}", hit[1], time.monotonic() - begin
    return None


def row(m, result):
    return f"{m.line:5} {m.kind:12} {m.function:44} {m.what:44} {result}"


def main():
    args = arguments()
    with open(args.file, encoding="utf-8", errors="replace") as f:
        made = [m for m in mutants(f.read()) if not args.only or re.search(args.only, f"{m.kind} {m.line} {m.function}")]
    if args.list:
        print("\n".join(row(m, "") for m in made))
        return 0
    b = Build(args.build, args.program, args.file)
    found = tried = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        program = os.path.join(b.build, b.target)
        subjects = subjects_of(args, program)
        known = baseline(args, program, subjects, folder)
        print(f"{os.path.basename(args.file)}: {len(made)} mutants; as it is: " +
              (", ".join(sorted({s for k in known.values() for s in k})) or "nothing found"), flush=True)
        for i, m in enumerate(made):
            place = os.path.join(folder, f"m{i}")
            os.mkdir(place)
            path = os.path.join(place, os.path.basename(args.file))
            tools_write(path, "\n".join(m.lines))
            mutant = b.make(path, place)
            if not mutant:
                print(row(m, f"does not compile: {b.why[0][:200]}"), flush=True)
                continue
            tried += 1
            hit = hunt(args, mutant, subjects, known, place)
            found += hit is not None
            print(row(m, f"{hit[0]}, {hit[1]} runs, {hit[2]:.1f} s" if hit else "NOT FOUND"), flush=True)
            subprocess.run(["rm", "-rf", place], check=False)
    print(f"{found} of {tried} found ({100 * found // max(tried, 1)} %)")
    return 0


def tools_write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    errors.run(main)
