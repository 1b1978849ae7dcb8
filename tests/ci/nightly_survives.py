#!/usr/bin/env python3
"""Kill ci/nightly again and again: what it had found and kept is still there, and it goes on.

usage: tests/ci/nightly_survives.py BINARY [KILLS [SEED]]     BINARY is build/LANE/bondfuzz; KILLS default to 4

Short nights over the subjects that were posted with bugs, so that there is always something to lose.
After each SIGKILL: nobody of it runs on, every finding of before is there and whole, every input of
before is there or stands in a smaller corpus that shows as much, what is read at the next start can
be read. Then one night is left alone, and has them all.
"""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "ci"))
import nightly_close as close  # noqa: E402

SUBJECTS = ["hmm_v3", "sva_v4"]
NIGHT = 8


def must(holds, message):
    if not holds:
        sys.exit("FAILED: " + message)


def start(binary, out):
    build, lane = os.path.split(os.path.dirname(binary))
    command = [os.path.join(ROOT, "ci/nightly"), "--no-build", "--no-coverage", "--build", build, "--lane", lane,
               "--time", str(NIGHT), "--slice", "2", "--jobs", "2", "--out", out]
    for s in SUBJECTS:
        command += ["--subject", s]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)


def nobody_of(out):
    """Is there no process left that has this folder on its command line?"""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(path, "rb").read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(w.startswith(out) for w in words) and str(os.getpid()) != path.split("/")[2]:
            return False
    return True


def wait_for_nobody(out):
    for _ in range(100):
        if nobody_of(out):
            return
        time.sleep(0.05)
    sys.exit("FAILED: something of a night that was killed runs on")


def kill(p, chance):
    """The group, or only the one process; its workers are in groups of their own, and die with it."""
    time.sleep(chance.uniform(0.1, NIGHT + 3))
    whole = chance.random() < 0.5
    ended = p.poll() is not None
    try:
        os.killpg(p.pid, signal.SIGKILL) if whole else p.kill()
    except ProcessLookupError:
        pass
    said = p.communicate()[0]
    return ended, said


def signatures(binary, out):
    """Each is there with a program that can be replayed, and shows the same again."""
    if not os.path.isdir(out):
        return set()  # killed before the night began
    said = subprocess.run([binary, "triage", out, "--json", "--replay"], capture_output=True, text=True)
    if "no campaign's folder is here" in said.stderr:
        return set()  # or before a worker had begun: on a busy machine that takes seconds
    must(said.returncode in (0, 1), "triage: " + said.stderr)
    found = [json.loads(line) for line in said.stdout.splitlines()]
    must(all(f["file"] and f["holds"] == f["findings"] for f in found), "what does not replay: %s" % found)
    return {(s, f["signature"]) for f in found for s in f["subjects"]}


def features(binary, subject, folder):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as into:
        said = subprocess.run([binary, "merge", "--subject", subject, "--json", "--into", into, folder],
                              capture_output=True, text=True, check=True)
    return json.loads(said.stdout)["features"]


def check_corpus(binary, out, subject, ever):
    """@ever: a folder with every input that there ever was; returns how many a merge took away since."""
    corpus = os.path.join(out, "corpus", subject)
    close.recover_corpus(corpus)
    have, had = set(os.listdir(corpus)), set(os.listdir(ever))
    for name in have - had:
        shutil.copy(os.path.join(corpus, name), ever)
    lost = had - have
    if lost:
        must(features(binary, subject, corpus) == features(binary, subject, ever),
             "%d inputs of %s are gone, and what they showed" % (len(lost), subject))
        shutil.rmtree(ever)
        shutil.copytree(corpus, ever)
    return len(lost)


def main():
    binary = os.path.realpath(sys.argv[1])
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    scratch = tempfile.mkdtemp()
    out = os.path.join(scratch, "night")
    before, ended, resumed, pruned = set(), 0, 0, 0
    for s in SUBJECTS:
        os.makedirs(os.path.join(scratch, "ever", s))
    for _ in range(kills):
        done, said = kill(start(binary, out), chance)
        wait_for_nobody(out)
        must("Traceback" not in said, said)
        ended += done
        resumed += "going on:" in said
        after = signatures(binary, out)
        must(before <= after, "lost: %s" % (before - after))
        before = after
        for name in ("state.json", "night.json", "history.json"):
            close.read(os.path.join(out, name), None)
        for s in SUBJECTS:
            pruned += check_corpus(binary, out, s, os.path.join(scratch, "ever", s))
    p = start(binary, out)
    said = p.communicate()[0]
    must(p.returncode == 0, "the night that was left alone: %s\n%s" % (p.returncode, said))
    night = close.read(os.path.join(out, "night.json"), {})
    have = {(s, f["signature"]) for f in night["findings"] for s in f["subjects"]}
    must(before <= have and have, "lost in the end: %s" % (before - have))
    print("%d kills, %d nights that had ended by then, %d starts that went on; %d findings, %d inputs, %d pruned" % (
        kills, ended, resumed, len(have), sum(len(os.listdir(os.path.join(out, "corpus", s))) for s in SUBJECTS),
        pruned))
    must(kills < 10 or (resumed and ended), "no start went on, or no night ended")
    shutil.rmtree(scratch)


main()
