"""What ci/nightly does with its folder: whole files, corpora, coverage, and the pages at the end.

Owners: one ci/nightly at a time holds OUT/lock; its workers write OUT/SUBJECT-LANE and add files to
OUT/corpus/SUBJECT. Everything else is replaced by rename, so a reader sees the old or the new one.

A corpus is minimised in three renames: the merge fills S.new, S becomes S.old, S.new becomes S. There
is an S.old only when S.new was complete, which is all that recover_corpus() has to know.
"""
import ctypes
import glob
import hashlib
import html
import json
import os
import shutil
import signal
import subprocess
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
HISTORY_MAX = 1000
ALARM_RUNS = 200000
libc = ctypes.CDLL(None, use_errno=True)


# ---- whole files ----

def write(path, text):
    temporary = "%s.%d" % (path, os.getpid())
    with open(temporary, "w", encoding="utf-8", errors="replace") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.rename(temporary, path)


def write_json(path, value):
    write(path, json.dumps(value, indent=1) + "\n")


def read(path, otherwise):
    """A file of ours; what is no JSON was not written by us, and is said to be so."""
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return otherwise
    except ValueError:
        raise OSError(0, "is no JSON; remove it to begin anew", path)


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def last_line(path):
    with open(path, errors="replace") as f:
        lines = f.read().strip().splitlines()
    return lines[-1][:200] if lines else "(it said nothing)"


def bound_log(path, most):
    if os.path.exists(path) and os.path.getsize(path) > most:
        os.replace(path, path + ".1")


def own_rss():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def die_with_parent(parent):
    """For a child before exec: SIGKILL when the parent is gone."""
    def prepare():
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
    return prepare


def run(command, seconds, log, env=None):
    """Returns: its exit status, or None when it was ended since it took too long."""
    with open(log, "w") as out:
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                             process_group=0, preexec_fn=die_with_parent(os.getpid()), env=env)
    try:
        return p.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        return None


# ---- corpora ----

def seed_corpus(path, subject):
    """The programs in git are inputs like others: minimised away where others show as much."""
    for folder, _, names in os.walk(os.path.join(ROOT, "corpus")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            to = os.path.join(path, hashlib.sha1(data).hexdigest())
            if b"\nsubject %s\n" % subject.encode() in data and not os.path.exists(to):
                with open(to, "wb") as f:
                    f.write(data)


def recover_corpus(path):
    """After any end: one folder, complete, whose files are what their names say."""
    new, old = path + ".new", path + ".old"
    if os.path.isdir(old) and not os.path.isdir(path):
        os.rename(new if os.path.isdir(new) else old, path)
    for rest in (new, old):
        shutil.rmtree(rest, ignore_errors=True)
    os.makedirs(path, exist_ok=True)
    for entry in os.scandir(path):  # libFuzzer names an input by its content: half of one has another
        if entry.is_file(follow_symlinks=False) and len(entry.name) == 40:
            if hashlib.sha1(open(entry.path, "rb").read()).hexdigest() != entry.name:
                os.unlink(entry.path)


def merge_corpus(binary, subject, path, seconds, log):
    """Returns: what bondfuzz merge says, or None: the corpus is as it was."""
    new, old = path + ".new", path + ".old"
    if not os.listdir(path):
        return None
    command = [binary, "merge", "--subject", subject, "--into", new, "--json", path]
    if run(command, seconds, log) != 0:
        shutil.rmtree(new, ignore_errors=True)
        return None
    fd = os.open(new, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
    os.rename(path, old)
    os.rename(new, path)
    shutil.rmtree(old)
    return json.loads(last_line(log))


def merge_all(a, known, left, say):
    rows = {}
    binary = os.path.join(a.build, a.lane[0], "bondfuzz")
    for s in known:
        path = os.path.join(a.out, "corpus", s)
        log = os.path.join(a.out, "logs", "merge-" + s)
        if left() < 5:
            say("no time to minimise the corpus of %s and of those behind it" % s)
            break
        row = merge_corpus(binary, s, path, min(900, left()), log)
        if row:
            rows[s] = row
        elif os.listdir(path):
            say("the corpus of %s was not minimised; see %s" % (s, log))
    return rows


# ---- coverage ----

def coverage(a, known, left, say):
    """Returns: percents by file of the code under test, after a replay of all corpora; or None."""
    binary = os.path.join(a.build, "coverage", "bondfuzz")
    scratch = os.path.join(a.out, "coverage.new")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    log = os.path.join(a.out, "logs", "coverage")
    env = dict(os.environ, LLVM_PROFILE_FILE=os.path.join(scratch, "%m-%p.profraw"))
    for s in known:
        corpus = os.path.join(a.out, "corpus", s)
        if os.listdir(corpus) and left() > 5:
            if run([binary, "merge", "--subject", s, "--into", os.path.join(scratch, s), corpus],
                   min(900, left()), log, env) != 0:
                say("the inputs of %s did not run to their end under coverage" % s)
    profiles = glob.glob(os.path.join(scratch, "*.profraw"))
    if not profiles:
        return None
    data = os.path.join(scratch, "data")
    sources = [os.path.join(ROOT, x) for x in ("src/core", "src/posted", "src/subject")]
    cov = [binary, "-instr-profile", data]
    pages = os.path.join(scratch, "html")
    if run(["llvm-profdata-19", "merge", "-sparse", "-o", data] + profiles, 300, log) != 0 or \
       run(["llvm-cov-19", "show", "-format=html", "-output-dir", pages] + cov + sources, 300, log) != 0 or \
       run(["llvm-cov-19", "export", "-summary-only"] + cov + sources, 300, log) != 0:
        say("no coverage; see " + log)
        return None
    files = json.load(open(log))["data"][0]["files"]
    shutil.rmtree(os.path.join(a.out, "coverage"), ignore_errors=True)
    os.rename(pages, os.path.join(a.out, "coverage"))
    shutil.rmtree(scratch)
    return by_folder(files)


def by_folder(files):
    """Lines and branches, covered of all, of src/core, src/posted and src/subject."""
    rows = {}
    for f in files:
        folder = os.path.relpath(f["filename"], ROOT).split("/")[1]
        row = rows.setdefault(folder, {"lines": [0, 0], "branches": [0, 0], "functions": [0, 0]})
        for kind, both in row.items():
            both[0] += f["summary"][kind]["covered"]
            both[1] += f["summary"][kind]["count"]
    return rows


# ---- real kernels ----

KERNEL_SUBJECTS = 30  # of both kernels, about: the lane's time is divided by them
SKIPPED = 77


# What the lane kernel does: what ci/kernel is told.
KERNEL_LANES = {"kernel": ["--version", "6.12", "--version", "6.1"], "kernel-asan": ["--preset", "asan", "core"],
                "kernel-tsan": ["--preset", "tsan", "core"]}


def kernel_lane(a, most, name):
    """Returns: the exit status of ci/kernel, and what it said last."""
    log = os.path.join(a.out, "logs", name)
    words = [os.path.join(ROOT, "ci/kernel"), "--fetch-time", str(max(60, most // 4)),
             "--time", str(max(1, most // KERNEL_SUBJECTS)), *KERNEL_LANES[name]] + ["--no-build"] * a.no_build
    status = run(words, max(60, most * 2), log)
    return {"status": status, "text": last_line(log)}


def kernels(a, most, say):
    """ci/kernel over both kernels, and over one with each sanitizer. Returns: the first of its results that is not as known, or the first."""
    rows = []
    for name in KERNEL_LANES:
        rows.append(kernel_lane(a, most // len(KERNEL_LANES), name))
        say("%s: %s" % (name, kernel_sentence(rows[-1])))
    return next((r for r in rows if r["status"] not in (0, SKIPPED)), rows[0])


def kernel_sentence(row):
    if row["status"] is None:
        return "ended, it took too long"
    words = {0: "as known", 1: "NOT AS KNOWN", SKIPPED: "skipped"}.get(row["status"], "FAILED")
    return words if row["status"] == 0 else "%s: %s" % (words, row["text"])


# ---- findings ----

def findings(binary, out, known):
    """What all nights have kept, a row a signature. Posted subjects are known to have theirs."""
    told = subprocess.run([binary, "triage", out, "--json"], capture_output=True, text=True)
    if told.returncode not in (0, 1, 2):  # 2: some of it is damaged, the rest is told
        raise OSError(0, "bondfuzz triage failed: " + told.stderr.strip()[:200], out)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    for r in rows:
        r["posted"] = all(known.get(s, False) for s in r["subjects"])
        r["path"] = os.path.relpath(os.path.dirname(r["file"]), out) if r["file"] else "."
    return rows


# ---- pages ----

STYLE = """<style>body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #8884;text-align:right}
td:first-child,th:first-child{text-align:left}:root{color-scheme:light dark}</style>"""


def table(head, rows):
    cells = lambda row, tag: "".join("<%s>%s</%s>" % (tag, c if isinstance(c, Raw) else html.escape(str(c)), tag)
                                     for c in row)
    return "<table><tr>%s</tr>\n%s\n</table>\n" % (
        cells(head, "th"), "\n".join("<tr>%s</tr>" % cells(r, "td") for r in rows))


class Raw(str):
    """HTML already."""


def link(path, text):
    return Raw('<a href="%s">%s</a>' % (html.escape(path), html.escape(text)))


def percent(both):
    return "%.1f %%" % (100 * both[0] / both[1]) if both and both[1] else "-"


def trend(history, folder):
    """This night's lines covered against the last night's that has them."""
    values = [h["coverage"][folder]["lines"] for h in history if h.get("coverage") and folder in h["coverage"]]
    if len(values) < 2 or not values[-2][1] or not values[-1][1]:
        return "-"
    return "%+.1f" % (100 * values[-1][0] / values[-1][1] - 100 * values[-2][0] / values[-2][1])


def lanes(turns):
    rows = {}
    for t in turns:
        r = rows.setdefault((t["subject"], t["lane"]), dict(runs=0, seconds=0, first=0, last=0, most=0, killed=0))
        r["runs"] += t["runs"]
        r["seconds"] += t["seconds"]
        r["first"] = r["first"] or t["rss_first"]
        r["last"], r["most"] = t["rss_last"], max(r["most"], t["rss_max"])
        r["killed"] += bool(t["killed"])
    return rows


def page(night, history, found, has_report):
    mib = lambda n: "%d" % (n >> 20)
    out = ["<!doctype html><html lang=en><meta charset=utf-8><title>bondfuzz: a night</title>", STYLE,
           "<h1>The night of %s</h1><p>%s</p>" % (html.escape(night["started"]), html.escape(night["sentence"]))]
    links = [link("summary.txt", "summary"), link("night.json", "JSON"), link("memory.csv", "memory")]
    links += [link("report.html", "letters")] * has_report
    links += [link("coverage/index.html", "coverage by line")] * bool(night["coverage"])
    out.append("<p>%s</p>" % " · ".join(links))
    out.append("<h2>Findings</h2>" + (table(
        ["signature", "subject", "first seen", "seen"],
        [(link(f["path"], f["signature"]), " ".join(f["subjects"]), f["first_seen"], f["seen"])
         for f in found]) if found else "<p>None.</p>"))
    out.append("<h2>Campaigns</h2>" + table(
        ["campaign", "runs", "seconds", "MiB first", "MiB last", "MiB most", "ended by the watchdog"],
        [("%s under %s" % k, format(r["runs"], ","), round(r["seconds"]), mib(r["first"]), mib(r["last"]),
          mib(r["most"]), r["killed"] or "-") for k, r in lanes(night["turns"]).items()]))
    if night["coverage"]:
        out.append("<h2>Coverage</h2>" + table(
            ["folder", "lines", "since last night", "branches", "functions"],
            [("src/" + f, percent(c["lines"]), trend(history, f), percent(c["branches"]), percent(c["functions"]))
             for f, c in night["coverage"].items()]))
    out.append("<h2>Nights</h2>" + table(
        ["started", "runs", "findings", "inputs", "lines of src/core"],
        [(h["started"], format(h["runs"], ","), h["findings"], h["inputs"],
          percent(((h.get("coverage") or {}).get("core") or {}).get("lines"))) for h in history[:-31:-1]]))
    return "\n".join(out) + "\n</html>\n"


def summary(night, history, found):
    """For a mail: what is new stands first."""
    lines = ["bondfuzz, the night of %s: %s" % (night["started"], night["sentence"]), ""]
    lines += ["%-60s %-12s seen %s, first %s" % (f["signature"], " ".join(f["subjects"]), f["seen"],
                                                 f["first_seen"]) for f in found]
    lines += [""] * bool(found)
    lines += ["%-28s %14s runs %7.0f s" % ("%s under %s" % k, format(r["runs"], ","), r["seconds"])
              for k, r in lanes(night["turns"]).items()]
    for f, c in (night["coverage"] or {}).items():
        lines.append("coverage of src/%s: %s of the lines (%s)" % (f, percent(c["lines"]), trend(history, f)))
    lines += ["the watchdog ended %s under %s: it %s" % (t["subject"], t["lane"], t["killed"])
              for t in night["turns"] if t["killed"]]
    return "\n".join(lines) + "\n"


def tell(a, command, say):
    """What bondfuzz itself writes about findings. Returns: is it there now?"""
    log = os.path.join(a.out, "logs", command[0])
    status = run([os.path.join(a.build, a.lane[0], "bondfuzz")] + command, 300, log)
    if status not in (0, 1):
        say("bondfuzz %s: %s" % (command[0], last_line(log)))
    return status in (0, 1)


def put_findings(a, say):
    """SARIF, JUnit and the letters. Returns: is there a report.html?"""
    path = lambda name: os.path.join(a.out, name)
    tell(a, ["triage", a.out, "--sarif", path("findings.sarif"), "--junit", path("findings.xml")], say)
    return tell(a, ["report", a.out, "-o", path("report.html")], say)


# ---- the end of a night ----

def alarm_is_dead(night, found, known):
    """Subjects with bugs were fuzzed long enough, and nobody ever said a word of them."""
    runs = sum(t["runs"] for t in night["turns"] if known[t["subject"]])
    return runs >= ALARM_RUNS and not any(f["posted"] for f in found)


def sentence(night, found, known):
    clean = [f for f in found if not f["posted"]]
    killed = sum(bool(t["killed"]) for t in night["turns"])
    text = "%s in clean subjects, %d in posted ones, %s runs" % (
        "%d findings" % len(clean) if clean else "no finding", len(found) - len(clean), format(night["runs"], ","))
    if alarm_is_dead(night, found, known):
        text += ", but posted ones have bugs: THE ALARM IS DEAD"
    if killed:
        text += ", %d workers ended by the watchdog" % killed
    if night["kernels"]:
        text += ", kernels: " + kernel_sentence(night["kernels"])
    if night["resumed"]:
        text += ", cut off and resumed %d times" % night["resumed"]
    return text


def close(a, n, known, most, kernel, say):
    """
    Minimise, measure, write the pages, in @most seconds. Killed in here, the next start does it again.
    @kernel: what kernels() returned, or None.
    """
    started = time.monotonic()
    left = lambda: most - (time.monotonic() - started)
    state = n.state
    merged = merge_all(a, known, left, say)
    cover = None if a.no_coverage else coverage(a, known, left, say)
    found = findings(os.path.join(a.build, a.lane[0], "bondfuzz"), a.out, known)
    night = {"started": state["started"], "ended": now(), "seconds": state["used"], "resumed": state["resumed"],
             "runs": sum(t["runs"] for t in state["turns"]), "turns": state["turns"], "corpus": merged,
             "coverage": cover, "findings": found, "kernels": kernel}
    night["sentence"] = sentence(night, found, known)
    past = [h for h in read(os.path.join(a.out, "history.json"), []) if h["started"] != night["started"]]
    inputs = sum(len(os.listdir(os.path.join(a.out, "corpus", s))) for s in known)
    history = (past + [{"started": night["started"], "runs": night["runs"], "findings": len(found),
                        "inputs": inputs, "seconds": night["seconds"], "coverage": cover}])[-HISTORY_MAX:]
    write_json(os.path.join(a.out, "history.json"), history)
    write_json(os.path.join(a.out, "night.json"), night)
    write(os.path.join(a.out, "summary.txt"), summary(night, history, found))
    write(os.path.join(a.out, "index.html"), page(night, history, found, put_findings(a, say)))
    state["ended"] = night["ended"]
    n.save()
    say(night["sentence"])
    say("see %s" % os.path.join(a.out, "index.html"))
    as_known = not kernel or kernel["status"] in (0, SKIPPED)
    return 0 if as_known and all(f["posted"] for f in found) else 1
