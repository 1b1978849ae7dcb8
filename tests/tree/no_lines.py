#!/usr/bin/env python3
"""No long line of a kernel's notifier code is in this repository: its text stays on the user's disk.

usage: no_lines.py     exit 0, 1: lines are there (each named), 77: there is no kernel in the cache
"""
import glob
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
FILES = ("mm/mmu_notifier.c", "mm/hmm.c", "include/linux/mmu_notifier.h", "drivers/iommu/iommu-sva.c", "lib/test_hmm.c",
         "drivers/gpu/drm/radeon/radeon_mn.c", "drivers/gpu/drm/amd/amdgpu/amdgpu_hmm.c", "drivers/infiniband/hw/hfi1/mmu_rb.c",
         "drivers/gpu/drm/nouveau/nouveau_svm.c", "drivers/infiniband/core/umem_odp.c", "drivers/xen/gntdev.c",
         "drivers/misc/uacce/uacce.c", "drivers/gpu/drm/amd/amdkfd/kfd_process.c", "drivers/iommu/io-pgfault.c", "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c", "drivers/iommu/iommu.c",
         "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c")
# A declaration of the API is what it is; what says more than that has more words.
LONG, WORDS = 40, 7


def words(line):
    """A line without comment signs and white space, or None: it is short, or says nothing of its own."""
    if "*" in line and "(" not in line and line.strip().endswith((")", ");")): # the end of a prototype
        return None
    text = " ".join(line.strip(" \t\n/*#.").split())
    if len(text) < LONG or len(text.split()) < WORDS or text.startswith(("SPDX-License-Identifier", "include ", "Copyright")):
        return None
    return text


def lines_of(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return [words(line) for line in f]


def tree_lines(cache):
    """long line -> the file that has it"""
    found = {}
    for tree in glob.glob(os.path.join(cache, "*/linux-source-*")):
        for file in FILES:
            path = os.path.join(tree, file)
            if os.path.exists(path):
                found.update({line: file for line in lines_of(path) if line})
    return found


def main():
    cache = os.environ.get("BONDFUZZ_KERNEL_CACHE") or os.path.expanduser("~/.cache/bondfuzz/kernel")
    theirs = tree_lines(cache)
    if not theirs:
        print(f"no kernel in {cache}: skipped")
        return 77
    tracked = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True)
    bad = 0
    for path in tracked.stdout.split("\n"):
        full = os.path.join(ROOT, path)
        if path in ("", "LICENSE") or not os.path.isfile(full):
            continue
        for number, line in enumerate(lines_of(full), 1):
            if line in theirs:
                print(f"{path}:{number}: a line of {theirs[line]}")
                bad += 1
    print(f"{len(theirs)} lines of the tree, {bad} of them here")
    return 1 if bad else 0


sys.exit(main())
