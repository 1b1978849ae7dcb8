#!/usr/bin/env python3
"""repair.py: the repairs of docs/BUGS.md and docs/KERNEL-FINDINGS.md as patches, made from the user's own tree.

usage: repair.py --tree DIR NAME...     prints a patch (-p1)
       repair.py --tree DIR --out COPY NAME...     a copy of the tree with the repairs: links, and the files repaired

Each repair is an edit at a place that a pattern finds: the tree's text is nowhere here.
"""
import argparse
import difflib
import glob
import os
import re
import shutil
import sys

import errors
import kernel

# name: (file, edits); an edit: (function, or None for the whole file; what is found in it, what stands there then)
REPAIRS = {
    "C08": ("mm/mmu_notifier.c", [
        ("__mmu_notifier_invalidate_range_start", r"\)\)\s*return (mn_hlist_\w+\([^;]*\));",
         r")) {\n\t\tret = \1;\n\t\tif (ret && subscriptions->has_itree)\n\t\t\tmn_itree_inv_end(subscriptions);\n\t\treturn ret;\n\t}")]),
    "C09": ("mm/mmu_notifier.c", [
        ("mmu_notifier_synchronize", r"synchronize_srcu(\([^;]*\));(?!\s*srcu_barrier)", r"synchronize_srcu\1;\n\tsrcu_barrier\1;")]),
    "radeon": ("drivers/gpu/drm/radeon/radeon_mn.c", [
        ("radeon_mn_register", r"if \(ret\)\s*return ret;", "if (ret) {\n\t\tbo->notifier.mm = NULL;\n\t\treturn ret;\n\t}")]),
    "umem_odp": ("drivers/infiniband/core/umem_odp.c", [
        ("ib_umem_odp_alloc_implicit", r"\}\s*return umem_odp;", "}\n\tmmgrab(umem->owning_mm);\n\treturn umem_odp;"),
        ("ib_umem_odp_release", r"\}\n(\s*put_pid)", r"} else {\n\t\tmmdrop(umem_odp->umem.owning_mm);\n\t}\n\1"),
        ("ib_umem_odp_map_dma_and_lock", r"(range\.hmm_pfns = )&[^;]*;",
         r"\1kvcalloc(num_pfns, sizeof(*range.hmm_pfns), GFP_KERNEL);\n\tif (!range.hmm_pfns) {\n\t\tret = -ENOMEM;\n\t\tgoto out_put_mm;\n\t}"),
        ("ib_umem_odp_map_dma_and_lock", r"WARN_ON\(umem_odp->dma_list\[\w+\]\);\s*", ""),
        ("ib_umem_odp_map_dma_and_lock", r"(\n\t*)(hmm_order = )",
         r"\1umem_odp->pfn_list[pfn_start_idx + pfn_index] = range.hmm_pfns[pfn_index];\1\2"),
        ("ib_umem_odp_map_dma_and_lock", r"(\nout_put_mm:)", r"\1\n\tkvfree(range.hmm_pfns);")]),
    "gntdev": ("drivers/xen/gntdev.c", [
        (None, r"(static void __unmap_grant_pages\()", r"static DEFINE_MUTEX(unmap_mutex);\n\n\1"),
        ("__unmap_grant_pages", r"\A", "\n\tstruct gntab_unmap_queue_data data;\n\tint result;\n\n"
         "\tif (use_ptemod)\n\t\tmutex_lock(&unmap_mutex);"),
        ("__unmap_grant_pages", r"(\n\tgnttab_unmap_refs)_async(\(&map->unmap_data\);)",
         r"\n\tif (use_ptemod) {\n\t\tresult = gnttab_unmap_refs_sync(&map->unmap_data);\n\t\tdata = map->unmap_data;\n"
         r"\t\tmutex_unlock(&unmap_mutex);\n\t\tdata.data = map;\n\t\t__unmap_grant_pages_done(result, &data);\n"
         r"\t\treturn;\n\t}\1_async\2")]),
    "kfd_process": ("drivers/gpu/drm/amd/amdkfd/kfd_process.c", [
        ("create_process", r"(err_register_notifier:\s*hash_del_rcu\([^;]*\);)\s*svm_range_list_fini\([^;]*\);",
         r"\1\n\tsynchronize_srcu(&kfd_processes_srcu);\n\tget_task_struct(process->lead_thread);\n"
         r"\tkfd_unref_process(process);\n\treturn ERR_PTR(err);\n"),
        ("kfd_process_notifier_release", r"if \(WARN_ON\((p->mm) != (mm)\)\)\s*return;",
         r"if (READ_ONCE(\1) != \2) {\n\t\tWARN_ON(READ_ONCE(\1));\n\t\treturn;\n\t}")]),
    "ntsync": ("drivers/misc/ntsync.c", [
        ("ntsync_create_sem", r"if \(fd < 0\) \{", r"\g<0>\n\t\tfput(dev->file);")]),
    "uacce": ("drivers/misc/uacce/uacce.c", [
        ("uacce_remove", r"\n\s*xa_erase\([^;]*\);", ""),
        ("uacce_release", r"kfree\((\w+)\);", r"xa_erase(&uacce_xa, \1->dev_id);\n\tkfree(\1);")]),
    "nouveau": ("drivers/gpu/drm/nouveau/nouveau_svm.c", [
        (None, r"(static const struct mmu_notifier_ops nouveau_mn_ops = \{)(?!\s*\.release)",
         "static void\nnouveau_svmm_release(struct mmu_notifier *mn, struct mm_struct *mm)\n{\n"
         "\tstruct nouveau_svmm *svmm = container_of(mn, struct nouveau_svmm, notifier);\n\n"
         "\tmutex_lock(&svmm->mutex);\n\tif (svmm->vmm)\n\t\tnouveau_svmm_invalidate(svmm, 0, ~0ULL);\n"
         "\tmutex_unlock(&svmm->mutex);\n}\n\n\\1\n\t.release = nouveau_svmm_release,"),
        ("nouveau_svm_fault_cache", r"if \(WARN_ON\((!fault)\)\)", r"if (\1)")]),
}


def bounds(text, function):
    """Where the body of @function begins and ends in @text, or None; of no function: the whole text."""
    if function is None:
        return 0, len(text)
    begin = re.search(r"^(?:\w[^\n]*[\s*])?" + function + r"\([^;{]*\)\s*\{", text, re.M)
    end = begin and text.find("\n}\n", begin.end())
    return (begin.end(), end) if begin and end > 0 else None


def edited(text, name):
    """@text with a repair, or an error: the tree has another code there, or is repaired already."""
    file, edits = REPAIRS[name]
    for function, pattern, instead in edits:
        found = bounds(text, function)
        if not found:
            raise errors.Refused(f"{file}: {function}() is not there")
        begin, end = found
        body, times = re.subn(pattern, instead, text[begin:end], count=1)
        if not times:
            raise errors.Refused(f"{file}: {function or 'the file'} is not as {name} has it: repaired already?")
        text = text[:begin] + body + text[end:]
    return text


def fitting(tree):
    """The names of the repairs whose file @tree has in the form that they are for."""
    found = []
    for name in REPAIRS:
        try:
            repaired(tree, [name])
            found.append(name)
        except errors.Refused:
            pass
    return found


def repaired(tree, names):
    """file -> (its text, its text with the repairs)"""
    files = {}
    for name in names:
        if name not in REPAIRS:
            raise errors.Refused(f"no repair '{name}': there are {', '.join(REPAIRS)}")
        file = REPAIRS[name][0]
        if file not in files:
            try:
                with open(os.path.join(tree, file), encoding="utf-8") as f:
                    text = f.read()
            except OSError as why:
                raise errors.Refused(f"{tree}/{file}: {why.strerror}") from None
            files[file] = (text, text)
        files[file] = (files[file][0], edited(files[file][1], name))
    return files


def patch(files):
    return "".join("".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{file}", f"b/{file}"))
                   for file, (old, new) in sorted(files.items()))


def farm(tree, out, paths):
    """@out becomes links to @tree, except that the folders of @paths are folders: @paths themselves are left out."""
    shutil.rmtree(out, ignore_errors=True)
    folders = {""} | {"/".join(path.split("/")[:n]) for path in paths for n in range(1, path.count("/") + 1)}
    for folder in sorted(folders):
        os.makedirs(os.path.join(out, folder))
        if os.path.isdir(os.path.join(tree, folder)): # a patch may make one
            for entry in os.listdir(os.path.join(tree, folder)):
                path = os.path.join(folder, entry)
                if path not in folders and path not in paths:
                    os.symlink(os.path.join(tree, path), os.path.join(out, path))


def has(path, text):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read() == text
    except OSError:
        return False


def copy(tree, out, names):
    """A copy of @tree with repairs; one that is there already stays, so that nothing is built again."""
    files = repaired(tree, names)
    if all(has(os.path.join(out, file), text) for file, (_, text) in files.items()):
        return
    farm(os.path.realpath(tree), out, set(files))
    for file, (_, text) in files.items():
        with open(os.path.join(out, file), "w", encoding="utf-8") as f:
            f.write(text)


def folder(kernel_folder):
    """A folder beside one of the cache, whose tree is a copy of that one's with all repairs that fit it."""
    source, = glob.glob(os.path.join(kernel_folder, "linux-source-*"))
    out = kernel_folder.rstrip("/") + "-repaired"
    names = fitting(source)
    if not names:
        raise errors.Refused(f"{source}: no repair fits it: there are {', '.join(REPAIRS)}")
    os.makedirs(out, exist_ok=True)
    copy(source, os.path.join(out, os.path.basename(source) + "-repaired"), names)
    if not os.path.islink(os.path.join(out, "usr")):
        os.symlink(os.path.realpath(os.path.join(kernel_folder, "usr")), os.path.join(out, "usr"))
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--tree", required=True)
    p.add_argument("--out")
    p.add_argument("names", nargs="+", help=", ".join(REPAIRS))
    args = p.parse_args()
    kernel.version_of(args.tree)
    if args.out:
        copy(args.tree, args.out, args.names)
    else:
        sys.stdout.write(patch(repaired(args.tree, args.names)))
    return 0


if __name__ == "__main__":
    errors.run(main)
