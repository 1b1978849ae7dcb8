#!/usr/bin/env python3
"""fetch.py: Debian's source and headers of one kernel, unpacked into a cache folder without root.

The packages must have one version: a header of another one compiles, and lies. Their names change
with each security update, so they are resolved from the meta package of the flavour. Nothing is
installed. The cache is $BONDFUZZ_KERNEL_CACHE or ~/.cache/bondfuzz/kernel, a folder for each
version of the packages; what is there is not fetched again. The kernel's litmus tests are kept too:
ci/litmus runs them.
"""
import argparse
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import errors
import kernel
import tools

META = {"6.12": "linux-headers-6.12-amd64", "6.1": "linux-headers-amd64"}
APT = ["-o", "APT::Sandbox::User=root"]
LITMUS = ("tools/memory-model/litmus-tests", "Documentation/litmus-tests")
FETCH_MAX = 900  # seconds for each call of apt


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--version", default="6.12", help="6.12 or 6.1: a series that Debian has (default: 6.12)")
    p.add_argument("--cache", default=default_cache())
    return p.parse_args()


def default_cache():
    return os.environ.get("BONDFUZZ_KERNEL_CACHE") or os.path.expanduser("~/.cache/bondfuzz/kernel")


def apt(*words, folder=None, seconds=FETCH_MAX):
    """What an apt tool says, or an error that says what could not be had. With its children it is ended after @seconds."""
    for tool in (words[0], "dpkg-deb"):
        if not shutil.which(tool):
            raise errors.Refused(f"no {tool}: this is no Debian; unpack the kernel by hand and use --tree and --headers")
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", start_new_session=True) as p:
        try:
            out, said = p.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            raise errors.Refused(f"`{' '.join(words)}` was ended after {seconds} s (a slow network?)") from None
    if p.returncode:
        said = (said.strip() or out.strip()).splitlines()
        raise errors.Refused(f"`{' '.join(words)}` failed: {said[-1] if said else 'no reason given'} "
                             "(no network, or no deb line for it? try apt-get update)")
    return out


def depends(package, pattern):
    found = re.findall(r"^\s*Depends:\s*(\S+)", apt("apt-cache", "depends", package), re.M)
    return next((name for name in found if re.fullmatch(pattern, name)), None)


def version_of(package):
    found = re.search(r"^\s*Candidate:\s*(\S+)", apt("apt-cache", "policy", package), re.M)
    return found.group(1) if found and found.group(1) != "(none)" else None


def packages(series):
    """The three packages of @series, and the version that all of them have."""
    if not re.fullmatch(r"\d+\.\d+", series):
        raise errors.Refused(f"--version {series}: a series such as 6.12 is wanted")
    source, meta = f"linux-source-{series}", META.get(series, f"linux-headers-{series}-amd64")
    version = version_of(source)
    if not version:
        raise errors.Refused(f"{source}: apt knows no such package (no linux-source of {series} here; "
                             "add bookworm-backports or bookworm-security to the sources, then apt-get update)")
    headers = depends(meta, r"linux-headers-[\w.+-]+-amd64")
    common = headers and depends(headers, r"linux-headers-[\w.+-]+-common")
    if not common:
        raise errors.Refused(f"{meta}: apt knows no headers of {series}")
    for name in (headers, common):
        if version_of(name) != version:
            raise errors.Refused(f"{name} has version {version_of(name)}, {source} has {version}: apt-get update")
    return [source, headers, common], version


def download(names, version, folder, seconds):
    """The packages @names, unpacked into @folder; the archives are dropped. Returns: the source's archive."""
    debs = os.path.join(folder, "debs")
    os.mkdir(debs)
    apt("apt-get", *APT, "download", *[f"{name}={version}" for name in names], folder=debs, seconds=seconds)
    for deb in glob.glob(os.path.join(debs, "*.deb")):
        tools.run("dpkg-deb", "-x", deb, folder)
    shutil.rmtree(debs)
    archive, = glob.glob(os.path.join(folder, "usr/src/linux-source-*.tar.xz"))
    return archive


def unpack(names, version, folder, seconds):
    archive = download(names, version, folder, seconds)
    tools.run("tar", "-xJf", archive, "-C", folder, "--exclude=*/Documentation/[!l]*", "--exclude=*/tools/[!m]*")
    os.remove(archive)


def is_partial(folder):
    """Was @folder filled when litmus tests were still left out?"""
    return not all(glob.glob(os.path.join(folder, "linux-source-*", part)) for part in LITMUS)


def add_litmus(source, version, folder, seconds):
    with tempfile.TemporaryDirectory(prefix=".new-", dir=os.path.dirname(folder)) as new:
        archive = download([source], version, new, seconds)
        tools.run("tar", "-xJf", archive, "-C", folder, "--wildcards", *[f"*/{part}/*" for part in LITMUS])


def fetch(series, cache, seconds=FETCH_MAX):
    """The folder of the kernel in the cache, filled if it was not there. A download is ended after @seconds."""
    names, version = packages(series)
    folder = os.path.join(cache, version)
    if not os.path.isdir(folder):
        os.makedirs(cache, exist_ok=True)
        new = tempfile.mkdtemp(prefix=".new-", dir=cache)
        try:
            unpack(names, version, new, seconds)
            os.rename(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    elif is_partial(folder):
        try:
            add_litmus(names[0], version, folder, seconds)
        except errors.Refused as why: # the rest of the kernel is there
            print(f"no litmus tests in {folder}: {why}", file=sys.stderr)
    return folder


def cached(series, cache):
    """The newest kernel of @series in the cache, or None."""
    found = glob.glob(os.path.join(cache, f"[0-9]*/linux-source-{series}"))
    return os.path.dirname(max(found, key=kernel.version_of)) if found else None


def main():
    args = arguments()
    print(fetch(args.version, args.cache))
    return 0


if __name__ == "__main__":
    errors.run(main)
