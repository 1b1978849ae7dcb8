#!/usr/bin/env python3
"""merge.py: objects compiled with a tree's headers become one object that bondfuzz can link.

Three things are changed on the way. All text stands in one section, so that a place is one number
(coverage puts each function in a group of its own). Writable statics stand in bf_data and bf_bss,
which the platform restores between runs; first those of the tree's own files. Every symbol gets the prefix k_, so that the kernel's
kfree() and ours are two functions; names that lead to bondfuzz keep theirs.
"""
import argparse
import os
import re
import tempfile

import errors
import merge_names
import tools

BASE = "bond_tree_text"

# Of the constructors, coverage's (.init_array.2) stays and TSan's goes.
SCRIPT = """SECTIONS
{
	.text : { *(.text .text.* .init.text .exit.text .noinstr.text .sched.text .ref.text .meminit.text .spinlock.text .static_call.text) }
	bf_kept : { *(bf_kept) }
	bf_data : { bond_late_data = .; @LATE_DATA@ bond_late_data_end = .; *(@DATA@) }
	bf_bss : { bond_late_bss = .; @LATE_BSS@ bond_late_bss_end = .; *(@BSS@) }
	.rodata : { *(.rodata .rodata.* .init.rodata __tracepoints_strings) }
	__sancov_cntrs : { *(__sancov_cntrs) }
	__sancov_pcs : { *(__sancov_pcs) }
	.init_array : { *(.init_array.2) }
	/DISCARD/ : { *(.init_array .init_array.* .export_symbol .discard.* .modinfo .altinstructions .altinstr_replacement .smp_locks
		__ksymtab* ___ksymtab* __bug_table __ex_table .eh_frame .llvm_addrsig .initcall* .init.setup
		__param __tracepoints_ptrs __jump_table .static_call_* .note.gnu.property .note.Linux .printk_index
		.con_initcall* _error_injection_whitelist _kprobe_blacklist) }
}
"""


DATA = ".data .data.* .init.data .exit.data .meminit.data .ref.data __tracepoints"
BSS = ".bss .bss.* COMMON"


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("-o", dest="out", required=True)
    p.add_argument("--wrap", action="append", default=[], help="__wrap_NAME stands before NAME")
    p.add_argument("--globalize", action="append", default=[], help="a static that a bench reaches by name")
    p.add_argument("--late", action="append", default=[], help="one of the objects: others may see stores to its statics late")
    p.add_argument("objects", nargs="+")
    return p.parse_args()


def script_of(late):
    """Statics of the objects @late stand together, between symbols that the platform asks for."""
    words = {"DATA": DATA, "BSS": BSS}
    for name in ("DATA", "BSS"):
        words["LATE_" + name] = " ".join(f'"{path}"({words[name]})' for path in late)
    return re.sub("@([A-Z_]+)@", lambda found: words[found.group(1)], SCRIPT)


def link(objects, wraps, late, out, folder):
    script = os.path.join(folder, "merge.ld")
    tools.write_if_changed(script, script_of(late))
    tools.run("ld", "-r", "--force-group-allocation", "-T", script, *[f"--wrap={w}" for w in wraps], "-o", out, *objects)


def reveal(objects, names, late, folder):
    """The objects, with copies of those that have one of @names as a static: it is global in the copy. Afterwards it could not
    be: an object that asks for the name would be linked with nothing, and get a zero of its own."""
    given, objects = objects, list(objects)
    for name in names:
        owners = [i for i, o in enumerate(objects) if any(n == name and kind in "bdrt" for n, kind in tools.symbols(o))]
        if len(owners) > 1: # a name as init: that of a file under test is meant
            owners = [i for i in owners if given[i] in late]
        if len(owners) != 1:
            raise errors.Refused(f"{len(owners)} of the files have a static {name}: one is to be made global")
        copy = os.path.join(folder, f"{name}-{os.path.basename(objects[owners[0]])}")
        tools.run("objcopy", f"--globalize-symbol={name}", objects[owners[0]], copy)
        objects[owners[0]] = copy
    return objects


def rename(path, out, folder):
    names = sorted({name for name, _ in tools.symbols(path) if not merge_names.is_ours(name)})
    table = os.path.join(folder, "names")
    tools.write_if_changed(table, "".join(f"{name} {merge_names.PREFIX}{name}\n" for name in names))
    tools.run("objcopy", f"--redefine-syms={table}", f"--add-symbol={BASE}=.text:0,global", path, out)


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        merged = os.path.join(folder, "merged.o")
        objects = reveal(args.objects, args.globalize, args.late, folder)
        late = [o for o, given in zip(objects, args.objects) if given in args.late]
        link(objects, args.wrap, late, merged, folder)
        rename(merged, args.out, folder)
    return 0


errors.run(main)
