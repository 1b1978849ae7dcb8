#!/usr/bin/env python3
"""mutants.py: every one-line mutant of a file of the tree, of the kinds that lifetime code dies of.

A mutant is one statement less, or two in another order. One program has all of them, each behind a number,
made as the program of the build folder is; it counts how often each place is passed. Each mutant is searched from
nothing, first by the subjects that pass its place most often, until a verdict is found that the file as it is does not
show in the same time. The copy and the program stay in
the scratch folder; nothing of the tree is printed but function names and line numbers.

kinds: synchronize, get, put, wake-up, wait, unlink, flush (of a device's table or cache), lock pair, order (of release and
unlink), twice (a put)
"""
import argparse
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import errors

KINDS = (
    ("synchronize", r"(?:synchronize_\w+|rcu_barrier|srcu_barrier|flush_work\w*|flush_workqueue|cancel_work_sync|drain_workqueue)\s*\("),
    ("get", r"(?:mmgrab|mmget|kref_get|refcount_inc|get_device|atomic_inc|get_page|get_task_struct)\s*\(|(?:\+\+\w+->[\w>.\[\]-]+|\w+->[\w>.\[\]-]+\+\+);"),
    ("put", r"(?:mmdrop|mmput|mmput_async|kref_put|put_device|put_page|put_task_struct|put_pid|atomic_dec|call_srcu|call_rcu|kfree\w*|iommu_domain_free)\s*\("),
    ("wake-up", r"(?:wake_up\w*|complete(?:_all)?)\s*\("),
    ("wait", r"(?:wait_event\w*|wait_for_completion\w*|dma_resv_wait_timeout|mmu_interval_read_begin)\s*\("),
    ("unlink", r"(?:hlist_del\w*|list_del\w*|list_move\w*|interval_tree_remove|rb_erase\w*|\w+_interval_remove|mmu_interval_notifier_remove|mmu_notifier_unregister|mmu_notifier_put|hash_del\w*|xa_erase\w*|ttm_bo_validate|iommu_detach_device_pasid|iommu_sva_unbind_device)\s*\("),
    ("flush", r"\w*(?:tlb_inv|atc_inv|unmap|_cd_entry)\w*\s*\("),
)
LOCK = re.compile(r"^\s*(?:\w+\s*=\s*)?(spin_lock|mutex_lock|down_write|down_read|srcu_read_lock|mmap_write_lock|spin_lock_irqsave|write_lock|read_lock|radeon_bo_reserve)\s*\(([^;]*)\);")
COUNTED_PUT = re.compile(r"\s*(?:mmdrop|mmput|mmput_async|kref_put|put_page|put_device|put_task_struct|mmu_notifier_put|iommu_domain_free)\s*\(")
RELEASE = re.compile(r"(?:->release|->free_notifier|kfree|call_srcu|call_rcu|_put|mmdrop)\s*\(")
SEARCH_MAX = 60


class Mutant:
    """@edits: (first line, last line, what stands there instead), each about whole statements; lines count from 0."""

    def __init__(self, kind, line, function, what, edits):
        self.kind, self.line, self.function, self.what, self.edits = kind, line, function, what, edits


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


def statement_begin(lines, at):
    """The first line of the statement that goes on at @at: behind an operator, a comma or a bracket that is open."""
    while at and re.search(r"[=,(&|?+-]\s*$", lines[at - 1]):
        at -= 1
    return at


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


def none(lines, first, last):
    """The edit by which a statement goes; a variable that a call gives its value gets 0."""
    text = " ".join(line.strip() for line in lines[first:last + 1])
    variables = re.match(r"((?:[\w.>-]+ = )+)(?=\w+\()", text)
    return first, last, variables.group(1) + "0;" if variables else ";"


def applied(lines, m):
    """The text of a mutant: its lines keep their numbers."""
    new = list(lines)
    for first, last, instead in m.edits:
        new[first:last + 1] = [re.match(r"\s*", lines[first]).group(0) + instead] + [""] * (last - first)
    return new


def one_less(lines, where):
    for at, line in enumerate(lines):
        if not where[at]:
            continue
        for kind, pattern in KINDS:
            if re.match(r"\s*(?:\(void\)\s*)?(?:\w+\s*=\s*)?(?:" + pattern + ")", line):
                first = statement_begin(lines, at)
                last = statement_end(lines, first)
                if last is not None and re.match(r"[^=]*$|\s*\w+ = \w+\(", line.split(")", 1)[0]):
                    yield Mutant(kind, at + 1, where[at], f"no {re.search(pattern, line).group(0).strip(' (;')}", [none(lines, first, last)])
                break


def weaker(lines, where):
    """hlist_del_init_rcu() that does not leave the node unhashed."""
    for at, line in enumerate(lines):
        if where[at] and "hlist_del_init_rcu(" in line:
            yield Mutant("unlink", at + 1, where[at], "hlist_del_rcu for hlist_del_init_rcu",
                         [(at, at, line.strip().replace("hlist_del_init_rcu(", "hlist_del_rcu("))])


def twice(lines, where):
    """A reference that is put twice."""
    for at, line in enumerate(lines):
        last = statement_end(lines, at) if where[at] and COUNTED_PUT.match(line) else None
        if last is not None:
            text = " ".join(part.strip() for part in lines[at:last + 1])
            yield Mutant("twice", at + 1, where[at], f"{COUNTED_PUT.match(line).group(0).strip(' (' + chr(9))} twice", [(at, last, f"{text} {text}")])


UNLOCK = {"spin_lock": "spin_unlock", "mutex_lock": "mutex_unlock", "down_write": "up_write", "down_read": "up_read",
          "srcu_read_lock": "srcu_read_unlock", "mmap_write_lock": "mmap_write_unlock", "spin_lock_irqsave": "spin_unlock_irqrestore",
          "write_lock": "write_unlock", "read_lock": "read_unlock", "radeon_bo_reserve": "radeon_bo_unreserve"}


def without_lock(lines, where):
    """A lock of a function that is not taken, nor dropped."""
    for at, line in enumerate(lines):
        lock = LOCK.match(line)
        if not where[at] or not lock:
            continue
        drop = re.compile(r"^\s*" + UNLOCK[lock.group(1)] + r"\s*\(" + re.escape(lock.group(2).split(",")[0]))
        same = [i for i in range(len(lines)) if where[i] == where[at] and LOCK.match(lines[i]) and
                LOCK.match(lines[i]).groups() == lock.groups()]
        edits = [none(lines, at, at)]
        after = next((i for i in same if i > at), len(lines))
        for i in range(at + 1, after):
            if where[i] == where[at] and drop.match(lines[i]) and statement_end(lines, i) is not None:
                edits.append(none(lines, i, statement_end(lines, i)))
        if len(edits) > 1:
            yield Mutant("lock pair", at + 1, where[at], f"no {lock.group(1)}", edits)


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
                end, last = statement_end(lines, b), statement_end(lines, a)
                moved = " ".join(text.strip() for text in lines[b:end + 1] + lines[a:last + 1])
                yield Mutant("order", a + 1, where[a], f"behind line {b + 1}", [(a, last, ";"), (b, end, moved)])


def mutants(text):
    lines = text.split("\n")
    where = functions(lines)
    made = list(one_less(lines, where)) + list(weaker(lines, where)) + list(without_lock(lines, where)) + list(swapped(lines, where)) + \
        list(twice(lines, where))
    return sorted(made, key=lambda m: (m.line, m.kind, m.what))


# ---- all mutants in one program ----

# A switch that is no access of the code under test: MUTANT of the environment says which of them it is, and MUTANT_REACHED
# names a file that gets how often each switch was passed.
PLACES_MAX = 4096
HEAD = r"""#define bond_mutant_is(n) ({ int m_; long at_; __asm__ volatile("movl bond_mutant, %0\n\tmovq bond_mutant_reached, %1\n\tincl %c2(%1)" : "=&r"(m_), "=&r"(at_) : "i"(4 * (n)) : "cc"); m_ == (n); })
#line 1
"""
SWITCH = """#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
int bond_mutant;
static unsigned nowhere[%u];
unsigned *bond_mutant_reached = nowhere;
__attribute__((constructor)) static void which(void)
{
\tconst char *text = getenv("MUTANT"), *path = getenv("MUTANT_REACHED");
\tint fd = path ? open(path, O_RDWR) : -1;
\tvoid *at = fd < 0 ? MAP_FAILED : mmap(0, sizeof(nowhere), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

\tbond_mutant = text ? atoi(text) : 0;
\tif (at != MAP_FAILED)
\t\tbond_mutant_reached = at;
}
""" % PLACES_MAX


def with_switches(text, made):
    """The file with each statement that a mutant changes under its number, from 1."""
    lines = text.split("\n")
    edits = {}
    for number, m in enumerate(made, 1):
        for first, last, instead in m.edits:
            edits.setdefault((first, last), []).append((number, instead))
    for (first, last), choices in edits.items():
        before = "".join(f"if (bond_mutant_is({number})) {{ {instead} }} else " for number, instead in choices)
        lines[first] = "{ " + before + lines[first]
        lines[last] += " }"
    return HEAD + "\n".join(lines)


class Build:
    """The commands by which a build folder makes its program, with a file and a folder exchanged."""

    def __init__(self, build, program, file):
        self.build, self.file = os.path.realpath(build), os.path.abspath(file) # in a repaired copy most files are links
        self.target = f"src/tree/{program}"
        done = subprocess.run(["ninja", "-C", self.build, "-t", "commands", self.target], capture_output=True, text=True, check=False)
        if done.returncode:
            raise errors.Refused(f"{build}: no program {program} there (build target worlds first)")
        tree = f"{self.target}.tree"
        commands = [c for c in done.stdout.splitlines() if "stubs.py" not in c]
        compiles = [c for c in commands if "compile.py" in c and re.search(self.word(), c)]
        self.object = next((m.group(1) for c in compiles for m in [re.search(r"-o (\S+\.o) ", c)] if m), None)
        self.commands = [c for c in commands if c in compiles or f"{tree}/world.o" in c or f"{tree}/sites.c" in c]
        if not self.object:
            raise errors.Refused(f"{file} is no part of {program}")

    def word(self):
        """The file as a word of a command, which ninja may have quoted."""
        return r"(?<= )([\"']?)" + re.escape(self.file) + r"\1(?= )"

    def make(self, text, folder):
        """The program with @text in place of the file."""
        path = os.path.join(folder, os.path.basename(self.file))
        write(path, text)
        write(f"{folder}/switch.c", SWITCH)
        self.run(f"cc -c -o {folder}/switch.o {folder}/switch.c")
        for command in self.commands:
            self.run(self.changed(command, path, folder))
        return f"{folder}/bondfuzz"

    def changed(self, command, path, folder):
        """A command of the build, about @path and files of @folder."""
        c = re.sub(self.word(), path, command).replace(self.object, f"{folder}/mutant.o")
        for name in ("world.o", "sites.c"):
            c = re.sub(r"(?:\S*/)?" + re.escape(os.path.basename(self.target)) + r"\.tree/" + re.escape(name) + r"(?=[\s]|$)",
                       f"{folder}/{name}", c)
        c = re.sub(r"\S*_tables\.dir/\S*sites\.c\.o(?=[\s.]|$)", f"{folder}/sites.c.o", c)
        c = re.sub(r"-o " + re.escape(self.target) + r"(?=\s|$)", f"-o {folder}/bondfuzz {folder}/switch.o", c)
        c = re.sub(r"&& \S*cmake -E cmake_transform_depfile.*$", "", c)
        if "compile.py" in c: # headers that lie beside the file are not beside its copy
            c = re.sub(r" --(?= |$)", f" -- '-I{os.path.dirname(self.file)}'", c, count=1)
        return c

    def run(self, command):
        done = subprocess.run(command, shell=True, cwd=self.build, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise errors.Refused((done.stderr.strip() or done.stdout.strip())[-2000:])


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


# ---- the search ----

def as_mutant(number, reached=None):
    return dict(os.environ, MUTANT=str(number), **({"MUTANT_REACHED": reached} if reached else {}))


def search(program, number, subject, seconds, known, folder, reached=None):
    """
    The first finding of mutant @number whose signature is not in @known and which the file as it is does not
    show too, as a dict, or None; and the signatures seen.
    """
    out = tempfile.mkdtemp(prefix="out-", dir=folder)
    p = subprocess.Popen([program, "fuzz", "--subject", subject, "--time", str(seconds), "--out", f"{out}/o"],
                         stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True,
                         env=as_mutant(number, reached))
    seen, hit = set(), None
    for line in p.stderr:
        found = re.search(r"found (\S+) after ([\d,]+) runs?, ([\d.]+) s: (\S+)", line)
        if not found:
            continue
        seen.add(found.group(1))
        if known is not None and found.group(1) not in known and not hit and not shows(program, found.group(4)):
            hit = {"subject": subject, "signature": found.group(1), "runs": int(found.group(2).replace(",", ""))}
            os.killpg(p.pid, signal.SIGINT)
    p.wait()
    return hit, seen


def shows(program, path):
    """Has the file as it is a verdict for the program text at @path, too?"""
    return subprocess.run([program, "run", "--quiet", path], capture_output=True, check=False, env=as_mutant(0)).returncode == 1


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default="build/release", help="a build folder with the program")
    p.add_argument("--program", default="bondfuzz-6.12")
    p.add_argument("--subjects", help="comma between them (default: all of the program)")
    p.add_argument("--time", type=int, default=SEARCH_MAX, help="seconds for each mutant, over all subjects")
    p.add_argument("--list", action="store_true", help="only list the mutants")
    p.add_argument("--only", help="a regular expression over 'KIND LINE FUNCTION'")
    p.add_argument("--results", help="a file of results: mutants with one are left out, the others are added")
    p.add_argument("--slice", type=int, default=1 << 30, help="begin no mutant after so many seconds")
    p.add_argument("file", help="of the tree, as the program was built from it")
    return p.parse_args()


def subjects_of(args, program):
    if args.subjects:
        return args.subjects.split(",")
    done = subprocess.run([program, "list", "subjects", "--json"], capture_output=True, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row["name"] for row in rows if not row["posted"]]


class Baseline:
    """What the file as it is shows, by which no mutant is found; and how often each subject passes the place of each mutant."""

    def __init__(self, args, program, subjects, folder):
        self.known, self.passed = {}, {}
        for s in subjects:
            path = os.path.join(folder, f"reached-{s}")
            write(path, "\0" * 4 * PLACES_MAX)
            _, self.known[s] = search(program, 0, s, max(args.time // len(subjects), 5), None, folder, path)
            with open(path, "rb") as f:
                self.passed[s] = struct.unpack(f"{PLACES_MAX}I", f.read())

    def order(self, number):
        """The subjects that pass the place, the one that does most often first; if there is none, all."""
        passing = [s for s in self.passed if self.passed[s][number]]
        return sorted(passing, key=lambda s: -self.passed[s][number]) or list(self.passed)

    def is_reached(self, number):
        return any(passed[number] for passed in self.passed.values())


def hunt(args, number, program, base, folder):
    """Each subject that can show it for a few seconds, then each again for the rest: the first verdict that is new."""
    begin, order = time.monotonic(), base.order(number)
    for share in (0.25, 0.75):
        for s in order:
            hit, _ = search(program, number, s, max(int(args.time * share / len(order)), 1), base.known[s], folder)
            if hit:
                return {**hit, "seconds": round(time.monotonic() - begin, 1)}
    return None


def key(m):
    return {"line": m.line, "kind": m.kind, "function": m.function, "what": m.what}


def row(m, result):
    return f"{m.line:5} {m.kind:12} {m.function:44} {m.what:44} {result}"


def results_of(path):
    """The results of earlier calls."""
    try:
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]
    except OSError:
        return []


def say(m, result):
    found = result["found"]
    return row(m, "{subject} {signature}, {runs} runs, {seconds} s".format(**found) if found else "NOT FOUND" if result["reached"] else "NOT REACHED")


def try_all(args, text, made, results):
    """Appends to @results."""
    begin = time.monotonic()
    numbers = {number: m for number, m in enumerate(made, 1) if not args.only or re.search(args.only, f"{m.kind} {m.line} {m.function}")}
    todo = {number: m for number, m in numbers.items() if not any(r.items() >= key(m).items() for r in results)}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        program = Build(args.build, args.program, args.file).make(with_switches(text, made), folder)
        base = Baseline(args, program, subjects_of(args, program) if todo else [], folder)
        print(f"{os.path.basename(args.file)}: {len(made)} mutants, {len(todo)} to try; as it is: " +
              (", ".join(sorted({s for k in base.known.values() for s in k})) or "nothing found"), flush=True)
        for number, m in todo.items():
            if time.monotonic() - begin > args.slice:
                break
            place = tempfile.mkdtemp(prefix="m-", dir=folder)
            reached = base.is_reached(number)
            results.append({**key(m), "reached": reached, "found": hunt(args, number, program, base, place) if reached else None})
            shutil.rmtree(place, ignore_errors=True)
            print(say(m, results[-1]), flush=True)
            if args.results:
                with open(args.results, "a", encoding="utf-8") as f:
                    f.write(json.dumps(results[-1]) + "\n")


def main():
    args = arguments()
    with open(args.file, encoding="utf-8", errors="replace") as f:
        text = f.read()
    made = mutants(text)
    if args.list:
        print("\n".join(row(m, "") for m in made))
        return 0
    results = results_of(args.results) if args.results else []
    try_all(args, text, made, results)
    found = [r for r in results if r["found"]]
    print(f"{len(found)} of {len(results)} found ({100 * len(found) // max(len(results), 1)} %)")
    return 0


if __name__ == "__main__":
    errors.run(main)
