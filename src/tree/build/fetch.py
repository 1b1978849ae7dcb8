#!/usr/bin/env python3
"""fetch.py: Debian's source and headers of one kernel, unpacked into a cache folder without root.

The packages must have one version: a header of another one compiles, and lies. Their names change
with each security update, so they are resolved from the meta package of the flavour. Nothing is
installed. The cache is $BONDFUZZ_KERNEL_CACHE or ~/.cache/bondfuzz/kernel, a folder for each
version of the packages; what is there is not fetched again.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import tempfile

import errors
import tools

META = {"6.12": "linux-headers-6.12-amd64", "6.1": "linux-headers-amd64"}
APT = ["-o", "APT::Sandbox::User=root"]


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--version", default="6.12", help="6.12 or 6.1: a series that Debian has (default: 6.12)")
    p.add_argument("--cache", default=default_cache())
    return p.parse_args()


def default_cache():
    return os.environ.get("BONDFUZZ_KERNEL_CACHE") or os.path.expanduser("~/.cache/bondfuzz/kernel")


def apt(*words):
    """What an apt tool says, or an error that says what could not be had."""
    for tool in (words[0], "dpkg-deb"):
        if not shutil.which(tool):
            raise errors.Refused(f"no {tool}: this is no Debian; unpack the kernel by hand and use --tree and --headers")
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise errors.Refused(f"`{' '.join(words)}` failed: {said[-1] if said else 'no reason given'} "
                             "(no network, or no deb line for it? try apt-get update)")
    return done.stdout


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


def unpack(names, version, folder):
    """Download into a folder of its own, unpack, and drop the archives."""
    debs = os.path.join(folder, "debs")
    os.mkdir(debs)
    subprocess_in(debs, "apt-get", *APT, "download", *[f"{name}={version}" for name in names])
    for deb in glob.glob(os.path.join(debs, "*.deb")):
        tools.run("dpkg-deb", "-x", deb, folder)
    shutil.rmtree(debs)
    archive, = glob.glob(os.path.join(folder, "usr/src/linux-source-*.tar.xz"))
    tools.run("tar", "-xJf", archive, "-C", folder, "--exclude=*/Documentation/*", "--exclude=*/tools/*")
    os.remove(archive)


def subprocess_in(folder, *words):
    here = os.getcwd()
    os.chdir(folder)
    try:
        apt(*words)
    finally:
        os.chdir(here)


def fetch(series, cache):
    """The folder of the kernel in the cache, filled if it was not there."""
    names, version = packages(series)
    folder = os.path.join(cache, version)
    if not os.path.isdir(folder):
        os.makedirs(cache, exist_ok=True)
        new = tempfile.mkdtemp(prefix=".new-", dir=cache)
        try:
            unpack(names, version, new)
            os.rename(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return folder


def main():
    args = arguments()
    print(fetch(args.version, args.cache))
    return 0


if __name__ == "__main__":
    errors.run(main)
