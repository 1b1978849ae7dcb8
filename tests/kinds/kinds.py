#!/usr/bin/env python3
"""Generated drivers with many bugs of a kind: each bug is one finding, and each finding can be read.

usage: kinds.py BUILD

Four drivers are written, built against an installed copy, and fuzzed: 30 expressions of a block's size,
11 shapes of deadlock with bystanders, and 10 second verdicts behind a first one. A bug is a group of
functions with a prefix of its own. For each bug the campaign must keep one finding that follows from no
other, whose file is read back and shows the same in 100 of 100 runs; nothing else, and nothing unstable. A fifth
one has a verdict that no run shows again, which is kept apart.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
REPLAYS = 100

HEAD = """#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

void kinds_begin(void);
void kinds_end(void);
"""

# ---- 30 expressions ----

SIZES = [
    "sizeof(struct thing)", "sizeof(*p)", "sizeof(*g->map)", "sizeof (struct thing)", "sizeof *p",
    "sizeof(struct thing) * 2", "2 * sizeof(*p)", "sizeof(*p) + n * sizeof(u32)",
    "sizeof(struct thing) + 64", "sizeof(struct thing) << 1", "max(sizeof(*p), sizeof(*g))",
    "64", "0x80", "PAGE_SIZE", "LEN", "LEN + 8", "n", "n | 64", "n * 8 + 64", "n ? n : 64",
    "(size_t)64", "(n + 7) & ~7u", "g->bytes", "g->len[0]", "bytes_of(g)", "bytes_of(&global) + 1",
    "({ size_t s = 64; s; })", "sizeof(((struct group *)0)->map[0]) + 64", "64 /* \\\"blank\\\" */ + 8",
    "roundup(sizeof(*p) + n, 64)",
]


def sizes():
    code = [HEAD, """
#define LEN 64
#define PAGE_SIZE 4096
struct thing { atomic_t used; char name[60]; };
struct group { struct thing *map; size_t bytes, len[2]; };
static struct group global = {.bytes = 64, .len = {64, 64}};
static size_t bytes_of(const struct group *g) { return g->bytes; }
#ifndef roundup
#define roundup(x, y) ((((x) + (y) - 1) / (y)) * (y))
#endif
#ifndef max
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
static volatile size_t count = 64;
void kinds_begin(void) {}
void kinds_end(void) {}
"""]
    for i, size in enumerate(SIZES):
        code.append("""
static void e%02d_use(struct thing *p) { atomic_inc(&p->used); }
static void e%02d(void)
{
	struct group *g = &global; size_t n = count; struct thing *p;
	p = kmalloc(%s, GFP_KERNEL);
	(void)g; (void)n;
	if (!p) return;
	atomic_set(&p->used, 1);
	kfree(p);
	e%02d_use(p);
}
""" % (i, i, size.replace('\\"', '"'), i))
    return code, ["e%02d" % i for i in range(len(SIZES))]


# ---- 11 shapes of deadlock ----

# Name, what there is, statements at begin, and the bodies: the last one is a bystander's.
DEADLOCKS = [
    ("two mutexes", "struct mutex a_{0}, b_{0};", "mutex_init(&a_{0}); mutex_init(&b_{0});", [
        "mutex_lock(&a_{0}); mutex_lock(&b_{0}); mutex_unlock(&b_{0}); mutex_unlock(&a_{0});",
        "mutex_lock(&b_{0}); mutex_lock(&a_{0}); mutex_unlock(&a_{0}); mutex_unlock(&b_{0});",
        "mutex_lock(&b_{0}); mutex_unlock(&b_{0});"]),
    ("three mutexes", "struct mutex a_{0}, b_{0}, c_{0};",
     "mutex_init(&a_{0}); mutex_init(&b_{0}); mutex_init(&c_{0});", [
         "mutex_lock(&a_{0}); mutex_lock(&b_{0}); mutex_unlock(&b_{0}); mutex_unlock(&a_{0}); "
         "mutex_lock(&b_{0}); mutex_lock(&c_{0}); mutex_unlock(&c_{0}); mutex_unlock(&b_{0});",
         "mutex_lock(&c_{0}); mutex_lock(&a_{0}); mutex_unlock(&a_{0}); mutex_unlock(&c_{0});",
         "mutex_lock(&c_{0}); mutex_unlock(&c_{0});"]),
    ("two semaphores", "struct rw_semaphore a_{0}, b_{0};", "init_rwsem(&a_{0}); init_rwsem(&b_{0});", [
        "down_read(&a_{0}); down_write(&b_{0}); up_write(&b_{0}); up_read(&a_{0});",
        "down_read(&b_{0}); down_write(&a_{0}); up_write(&a_{0}); up_read(&b_{0});",
        "down_read(&a_{0}); up_read(&a_{0});"]),
    ("one mutex, twice", "struct mutex a_{0}; static void {0}_inner(void) {{ mutex_lock(&a_{0}); "
     "mutex_unlock(&a_{0}); }}", "mutex_init(&a_{0});", [
         "mutex_lock(&a_{0}); {0}_inner(); mutex_unlock(&a_{0});",
         "{0}_inner();"]),
    ("a work under the lock that waits for it", "struct mutex a_{0}; struct work_struct w_{0}; "
     "static void {0}_work(struct work_struct *w) {{ mutex_lock(&a_{0}); mutex_unlock(&a_{0}); }}",
     "mutex_init(&a_{0}); INIT_WORK(&w_{0}, {0}_work);", [
         "schedule_work(&w_{0});",
         "mutex_lock(&a_{0}); flush_work(&w_{0}); mutex_unlock(&a_{0});",
         "mutex_lock(&a_{0}); mutex_unlock(&a_{0});"]),
    ("a grace period under a reader's lock", "struct mutex a_{0}; DEFINE_STATIC_SRCU(s_{0});",
     "mutex_init(&a_{0});", [
         "int i = srcu_read_lock(&s_{0}); mutex_lock(&a_{0}); mutex_unlock(&a_{0}); "
         "srcu_read_unlock(&s_{0}, i);",
         "mutex_lock(&a_{0}); synchronize_srcu(&s_{0}); mutex_unlock(&a_{0});",
         "mutex_lock(&a_{0}); mutex_unlock(&a_{0});"]),
    ("a completion under a lock", "struct mutex a_{0}; struct completion c_{0}; "
     "static struct work_struct w_{0}; "
     "static void {0}_work(struct work_struct *w) {{ mutex_lock(&a_{0}); complete(&c_{0}); "
     "mutex_unlock(&a_{0}); }}",
     "mutex_init(&a_{0}); init_completion(&c_{0}); INIT_WORK(&w_{0}, {0}_work);", [
         "mutex_lock(&a_{0}); if (schedule_work(&w_{0})) wait_for_completion(&c_{0}); "
         "mutex_unlock(&a_{0});",
         "mutex_lock(&a_{0}); mutex_unlock(&a_{0});"]),
    ("two spinlocks", "spinlock_t a_{0}, b_{0};", "spin_lock_init(&a_{0}); spin_lock_init(&b_{0});", [
        "spin_lock(&a_{0}); spin_lock(&b_{0}); spin_unlock(&b_{0}); spin_unlock(&a_{0});",
        "spin_lock(&b_{0}); spin_lock(&a_{0}); spin_unlock(&a_{0}); spin_unlock(&b_{0});",
        "spin_lock(&a_{0}); spin_unlock(&a_{0});"]),
    ("a mutex and a semaphore", "struct mutex a_{0}; struct rw_semaphore b_{0};",
     "mutex_init(&a_{0}); init_rwsem(&b_{0});", [
         "down_read(&b_{0}); mutex_lock(&a_{0}); mutex_unlock(&a_{0}); up_read(&b_{0});",
         "mutex_lock(&a_{0}); down_write(&b_{0}); up_write(&b_{0}); mutex_unlock(&a_{0});",
         "down_read(&b_{0}); up_read(&b_{0});"]),
    ("one lock too many, and many cycles", "struct mutex a_{0}, b_{0}, c_{0}; static bool {0}_pinned; "
     "static void {0}_put(void) {{ mutex_lock(&a_{0}); {0}_pinned = false; mutex_unlock(&a_{0}); }} "
     "static void {0}_inner(void) {{ mutex_lock(&c_{0}); if ({0}_pinned) {0}_put(); mutex_unlock(&c_{0}); }}",
     "mutex_init(&a_{0}); mutex_init(&b_{0}); mutex_init(&c_{0});", [
         "mutex_lock(&a_{0}); mutex_lock(&b_{0}); {0}_inner(); mutex_unlock(&b_{0}); mutex_unlock(&a_{0});",
         "mutex_lock(&b_{0}); {0}_inner(); mutex_unlock(&b_{0});",
         "{0}_inner();",
         "mutex_lock(&c_{0}); {0}_pinned = true; mutex_unlock(&c_{0});"]),
    ("a grace period in a reader", "", "", [
        "int i = srcu_read_lock(&s_{0}); synchronize_srcu(&s_{0}); srcu_read_unlock(&s_{0}, i);",
        "int i = srcu_read_lock(&s_{0}); srcu_read_unlock(&s_{0}, i);"]),
]


# Shapes that one command shows alone end most runs: they have a driver of their own.
def deadlocks(alone):
    code, begin, commands = [HEAD], [], []
    for i, (title, data, init, bodies) in enumerate(DEADLOCKS):
        if (len(bodies) == 2) != alone:
            continue
        name = "d%02d" % i
        data = data or "DEFINE_STATIC_SRCU(s_{0});"
        code.append("\n/* %s */\n%s\n" % (title, data.format(name)))
        begin.append(init.format(name))
        for nr, body in enumerate(bodies):
            commands.append("%s_%s" % (name, "abcdef"[nr] if nr + 1 < len(bodies) else "idle"))
            code.append("static void %s(void) { %s }\n" % (commands[-1], body.format(name)))
    code.append("void kinds_begin(void)\n{\n\t%s\n}\nvoid kinds_end(void) { flush_scheduled_work(); }\n" %
                "\n\t".join(filter(None, begin)))
    return code, commands


# ---- 10 second verdicts ----

# What happens, and the rules of the findings; those with a "+" may follow from the one before.
SECONDS = [
    ("WARN_ON(b->n == 1); b->n++; WARN_ON(b->n == 2);", ["warn", "+warn"]),
    ("WARN_ON(b->n == 1); BUG_ON(b->n == 1);", ["warn", "+bug"]),
    ("WARN_ON(b->n == 1); b = NULL;", ["warn", "+leak"]),
    ("WARN_ON(b->n == 1); kfree(b); atomic_inc(&b->used); b = NULL;", ["warn", "+dead_use"]),
    ("WARN_ON(b->n == 1); spin_lock(&b->lock); mutex_lock(&b->sleeps); mutex_unlock(&b->sleeps); "
     "spin_unlock(&b->lock);", ["warn", "+sleep_in_atomic"]),
    ("WARN_ON(b->n == 1); mutex_lock(&b->sleeps); mutex_lock(&b->sleeps);", ["warn", "+deadlock"]),
    ("if (ready && !quiet) WARN_ON(ready == 1); if (ready) WARN_ON(b->n == 1);", ["warn", "warn"]),
    ("if (ready && !quiet) WARN_ON(b->n == 1); if (ready) {{ kfree(b); atomic_inc(&b->used); b = NULL; }}",
     ["warn", "dead_use"]),
    ("BUG_ON(b->n == 1); WARN_ON(b->n == 1);", ["bug"]),
    ("kfree(b); kfree(b); WARN_ON(ready == 0);", ["double_free"]),
]


def seconds():
    code, begin, commands = [HEAD, """
struct box { atomic_t used; int n; spinlock_t lock; struct mutex sleeps; };
"""], [], []
    for i, (body, _) in enumerate(SECONDS):
        name = "v%02d" % i
        commands += [name] + ([name + "_loud", name + "_hush"] if "quiet" in body else [])
        code.append("""
static unsigned {0}_ready, {0}_quiet;
static __maybe_unused void {0}_loud(void) {{ {0}_ready = 1; }}
static __maybe_unused void {0}_hush(void) {{ {0}_ready = {0}_quiet = 1; }}
static void {0}(void)
{{
	struct box *b = kzalloc(sizeof(*b), GFP_KERNEL);
	unsigned ready = {0}_ready, quiet = {0}_quiet;
	(void)ready; (void)quiet;
	if (!b) return;
	b->n = 1; spin_lock_init(&b->lock); mutex_init(&b->sleeps);
	{1}
	{2}
}}
""".format(name, body.replace("{{", "{").replace("}}", "}"),
           "" if i in (8, 9) else "kfree(b);"))
    code.append("void kinds_begin(void) {}\nvoid kinds_end(void) {}\n")
    return code, commands


# ---- a verdict that no program shows again ----

def unstable():
    """The C library's random numbers go on from run to run."""
    return [HEAD, """
#include <stdlib.h>
void kinds_begin(void) {}
void kinds_end(void) {}
static void u00(void) { WARN_ON(random() % 4096 == 7); }
"""], ["u00"]


def try_unstable(driver, runs):
    rows, out = driver.campaign(runs, 0)
    kept = sorted(os.listdir(os.path.join(out, "unstable")))
    if len(rows) != 1 or rows[0]["unstable"] != 1 or len(kept) != 1:
        fail("unstable: %s %s" % (rows, kept))
    if os.listdir(os.path.join(out, "findings")):
        fail("what is not shown again is announced as a finding")
    with open(os.path.join(out, "unstable", kept[0], "found.bond")) as file:
        if "kinds_do" not in file.read():
            fail("an unstable verdict is kept without its input")


# ---- build, fuzz, compare ----

def fail(text):
    sys.exit("FAILED: " + text)


def call(*command, **how):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **how)


def must(*command, **how):
    run = call(*command, **how)
    if run.returncode:
        fail("%s\n%s%s" % (" ".join(command)[:200], run.stdout[-2000:], run.stderr[:2000]))
    return run.stdout


class Driver:
    def __init__(self, scratch, name, made):
        code, self.commands = made
        self.name, self.folder = name, os.path.join(scratch, name)
        os.mkdir(self.folder)
        for file in ("kinds.def", "kinds_ops.c"):
            shutil.copy(os.path.join(HERE, file), self.folder)
        table = "\nvoid (*const kinds_table[])(void) = {%s};\n" % ", ".join(self.commands)
        with open(os.path.join(self.folder, name + ".c"), "w") as file:
            file.write("".join(code) + table)
        self.program = os.path.join(self.folder, "bondfuzz-" + name)

    def build(self, prefix):
        os.environ["PKG_CONFIG_PATH"] = os.path.join(prefix, "lib", "pkgconfig")
        ask = lambda what: must("pkg-config", *what.split(), "bondfuzz").split()
        words = ",".join('"%s"' % c for c in self.commands)
        must(ask("--variable=compiler")[0], "-I.", *ask("--cflags"), '-DBONDFUZZ_NAME="%s"' % self.name,
             '-DBONDFUZZ_OPS="kinds.def"', "-DKINDS_COMMANDS=" + words, self.name + ".c", "kinds_ops.c",
             *ask("--variable=outside"), "-o", self.program, *ask("--libs"), cwd=self.folder)

    def campaign(self, runs, status):
        """Returns: what it printed, and its folder."""
        out = os.path.join(self.folder, "out")
        run = call(self.program, "fuzz", "--json", "--seed", "1", "--time", "0", "--runs", str(runs), "--out", out)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode != status or not rows:
            fail("%s: exit status %d\n%s" % (self.name, run.returncode, run.stderr[-2000:]))
        return rows, out

    def fuzz(self, runs):
        _, out = self.campaign(runs, 1)
        unstable = os.path.join(out, "unstable")
        if os.path.isdir(unstable) and os.listdir(unstable):
            fail("%s: unstable: %s" % (self.name, " ".join(sorted(os.listdir(unstable)))))
        found = []
        for slug in sorted(os.listdir(os.path.join(out, "findings"))):
            with open(os.path.join(out, "findings", slug, "finding.json")) as file:
                finding = json.load(file)
            finding["file"] = os.path.join(out, "findings", slug, "minimal.bond")
            found.append(finding)
        return found

    def replay(self, finding):
        run = call(self.program, "run", "--json", "--repeat", str(REPLAYS), finding["file"])
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode != 1 or len(rows) != 1 or rows[0]["signature"] != finding["signature"]:
            fail("%s: %s does not show %s again:\n%s%s" % (
                self.name, finding["file"], finding["signature"], run.stdout, run.stderr))
        must(self.program, "check", finding["file"])


def bugs_of(found, pattern):
    """Returns: prefix of a bug -> its findings, the order of their signatures aside."""
    bugs = {}
    for finding in found:
        names = set(re.findall(r"\b(%s)(?=_|\b)" % pattern, finding["signature"]))
        if len(names) != 1:
            fail("%s is of no single bug" % finding["signature"])
        bugs.setdefault(names.pop(), []).append(finding)
    return bugs


def rule(finding):
    return finding["signature"].split(":")[0].split("@")[0]


def first_ones(findings):
    return [f for f in findings if not f.get("follows")]


def expect(problems, bug, what, findings, good):
    if not good:
        problems.append("%s (%s): %s" % (bug, what, "; ".join(
            f["signature"] + (" after " + f["follows"] if f.get("follows") else "") for f in findings) or "not found"))


def check_sizes(found, problems):
    bugs = bugs_of(found, r"e\d\d")
    for i, size in enumerate(SIZES):
        of = bugs.get("e%02d" % i, [])
        expect(problems, "e%02d" % i, size, of, len(of) == 1 and rule(of[0]) == "dead_use" and
               re.fullmatch(r"[A-Za-z_]\w*", of[0]["type"]))


def check_deadlocks(found, problems, alone):
    bugs = bugs_of(found, r"d\d\d")
    for i, (title, _, _, bodies) in enumerate(DEADLOCKS):
        if (len(bodies) == 2) != alone:
            continue
        of = bugs.get("d%02d" % i, [])
        rules = {rule(f) for f in of}
        # That three threads wait for each other takes long: their order is enough.
        expect(problems, "d%02d" % i, title, of, len(first_ones(of)) == 1 and
               ("deadlock" in rules or "three" in title) and
               len(of) == len(rules) and rules <= {"deadlock", "lock_order"} and
               not any("idle" in f["signature"] for f in of))


def check_seconds(found, problems):
    bugs = bugs_of(found, r"v\d\d")
    for i, (body, wanted) in enumerate(SECONDS):
        of = bugs.get("v%02d" % i, [])
        got = sorted((("+" if f.get("follows") else "") + rule(f)) for f in of)
        good = len(got) == len(wanted) and all(
            re.fullmatch(re.escape(w).replace("\\|", "|"), g) for w, g in zip(sorted(wanted), got))
        expect(problems, "v%02d" % i, body, of, good)


def drivers():
    """Returns: name, what is made, runs and check of each."""
    yield "sizes", sizes(), 5000, check_sizes
    yield "cycles", deadlocks(False), 200000, lambda *found: check_deadlocks(*found, False)
    yield "alone", deadlocks(True), 5000, lambda *found: check_deadlocks(*found, True)
    yield "seconds", seconds(), 40000, check_seconds


def main():
    build, = sys.argv[1:]
    scratch = tempfile.mkdtemp()
    try:
        prefix = os.path.join(scratch, "prefix")
        must("cmake", "--install", os.path.realpath(build), "--prefix", prefix)
        for name, made, runs, check in drivers():
            driver, problems = Driver(scratch, name, made), []
            driver.build(prefix)
            found = driver.fuzz(runs)
            check(found, problems)
            if problems:
                fail("%s:\n  %s" % (name, "\n  ".join(problems)))
            for finding in found:
                driver.replay(finding)
            print("%s: %d findings, each shown again %d times" % (name, len(found), REPLAYS))
        driver = Driver(scratch, "unstable", unstable())
        driver.build(prefix)
        try_unstable(driver, 20000)
        print("unstable: kept apart")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
