#!/usr/bin/env python3
"""The workflows only call scripts of ci/, with options that they have, and may do no more than they must.

usage: tests/ci/workflows.py [FOLDER]     FOLDER instead of .github/workflows

Then the alarm: each rule is broken once in a copy, and has to be heard.
"""
import glob
import os
import re
import subprocess
import sys

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
ALLOWED = {"contents": {"read"}, "security-events": {"write"}}
ACTIONS = re.compile(r"(actions/(checkout|upload-artifact|cache/(restore|save))|github/codeql-action/upload-sarif)@v\d+")
os.chdir(ROOT)


def check_run(text):
    if "${{" in text:
        return ["puts something from outside on a command line: %r" % text]
    if not re.fullmatch(r"ci/[a-z-]+( [\w./=-]+)*", text):
        return ["runs more than one script of ci/: %r" % text]
    words = text.split()
    if not os.access(words[0], os.X_OK):
        return ["there is no %s" % words[0]]
    told = subprocess.run([words[0], "--help"], capture_output=True, text=True)
    return ["%s has no option %s" % (words[0], w) for w in words[1:]
            if w.startswith("--") and not re.search(re.escape(w) + r"\b", told.stdout)]


def check_path(path):
    """What is uploaded is something that a script in ci/ writes, in a folder that git ignores."""
    if subprocess.run(["git", "-c", "safe.directory=*", "check-ignore", "-q", path + "/"]).returncode:
        return ["uploads %s, which is in the tree" % path]
    name = os.path.basename(path)
    given = any(path in line.split() for f in glob.glob(".github/workflows/*") for line in open(f)
                if "run: " in line)
    scripts = filter(os.path.isfile, glob.glob("ci/*"))
    if "." in name and not given and not any(name in open(f, errors="ignore").read() for f in scripts):
        return ["nobody writes %s" % path]
    return []


def check_step(step):
    found = []
    if set(step) - {"run", "uses", "with", "if", "name"}:
        found.append("a step has %s" % sorted(set(step)))
    if "run" in step:
        found += check_run(step["run"])
    if "uses" in step and not ACTIONS.fullmatch(step["uses"]):
        found.append("uses %s" % step["uses"])
    for key in ("path", "sarif_file"):
        if key in step.get("with", {}):
            found += check_path(step["with"][key])
    return found


def check_permissions(granted, where):
    if not isinstance(granted, dict):
        return ["%s: permissions are %r" % (where, granted)]
    return ["%s: permission %s: %s" % (where, k, v) for k, v in granted.items() if v not in ALLOWED.get(k, ())]


def check(text):
    """Returns: what is wrong with one workflow."""
    try:
        flow = yaml.safe_load(text)
    except yaml.YAMLError as e:
        return ["is no YAML: %s" % e]
    found = check_permissions(flow.get("permissions"), "the workflow")
    if flow.get("permissions") != {"contents": "read"}:
        found.append("the workflow itself may only read contents")
    if not flow.get(True):  # YAML takes the word on for true
        found.append("never runs")
    if "pull_request_target" in (flow.get(True) or {}):
        found.append("runs a stranger's code with our rights")
    for name, job in flow.get("jobs", {}).items():
        if "permissions" in job:
            found += check_permissions(job["permissions"], name)
        if not job.get("timeout-minutes"):
            found.append("%s may hang for ever" % name)
        for step in job["steps"]:
            found += check_step(step)
    if not flow.get("jobs"):
        found.append("has no jobs")
    return found


ALARMS = [
    (r"run: ci/test", "run: make test", "more than one script"),
    (r"run: ci/test", "run: ci/test && ci/fuzz", "more than one script"),
    (r"run: ci/test", "run: ci/tests", "no ci/tests"),
    (r"--junit", "--unit", "no option --unit"),
    (r"run: ci/pr", "run: ci/pr ${{ github.head_ref }}", "from outside"),
    (r"security-events: write.*", "contents: write", "contents: write"),
    (r"permissions:\n  contents: read", "permissions: write-all", "write-all"),
    (r"pull_request:", "pull_request_target:", "stranger"),
    (r"timeout-minutes: 20", "name: regress", "hang"),
    (r"actions/checkout@v4", "actions/checkout@main", "uses actions/checkout@main"),
    (r"build/all/junit.xml", "build/all/other.xml", "nobody writes"),
    (r"build/all/junit.xml", "README.md", "in the tree"),
    (r"out/findings.sarif\n", "out/other.sarif\n", "nobody writes"),
    (r"jobs:", "jobs: [", "no YAML"),
]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else ".github/workflows"
    files = sorted(glob.glob(os.path.join(folder, "*.y*ml")))
    if len(files) < 2:
        sys.exit("FAILED: %d workflows in %s" % (len(files), folder))
    bad = ["%s: %s" % (f, line) for f in files for line in check(open(f).read())]
    if bad:
        sys.exit("FAILED: " + "\n".join(bad))
    text = open(".github/workflows/check.yml").read()
    for pattern, instead, heard in ALARMS:
        broken = re.sub(pattern, lambda m: instead, text, count=1)
        if broken == text or not any(heard in line for line in check(broken)):
            sys.exit("FAILED: with %r nobody says %r: %s" % (instead, heard, check(broken)))
    called = {w.split()[0] for f in files for w in re.findall(r"run: (.*)", open(f).read())}
    print("%d workflows call %s; %d alarms heard" % (len(files), ", ".join(sorted(called)), len(ALARMS)))


main()
