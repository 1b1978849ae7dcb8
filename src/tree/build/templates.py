"""templates.py: the files of a project folder that `bondfuzz import` writes."""
import os

CMAKE = """# {file} of a kernel tree under bondfuzz. This file is yours; import.cmake is bondfuzz import's.
#   cmake -S . -B build -DCMAKE_C_COMPILER=clang-19 -DCMAKE_PREFIX_PATH=<where bondfuzz is installed>
#   cmake --build build && build/bondfuzz-{name} fuzz --time 60
cmake_minimum_required(VERSION 3.25)
project({name} LANGUAGES C)
find_package(bondfuzz REQUIRED)
include(import.cmake)
bondfuzz_add_tree_subject({name} ${{import_arguments}}
  TABLE {name}.def
  TREE_HALF {name}_tree.c
  OPS_HALF {name}_ops.c
  STUBS stubs.txt)
"""

TABLE = """/*
 * {name}.def - what a program may do with {file}: one line an op. Processes and their ops are there
 * already. The rows are explained in subject/kinds.h.
 */
KIND({NAME}, "{name}")

OP({name}_open, KIND_{NAME}, ANY, 5, ROLE("open") "open the device in a process", OBJECT(KIND_MM))
OP({name}_close, GIVES_NOTHING, ANY, 5, ROLE("close") "close it", OBJECT(KIND_{NAME}))
"""

TREE_HALF = """/*
 * {name}_tree.c - the half of the op file in the tree's own types: what a system call or a device
 * makes {file} do. Compiled with the tree's headers and instrumented. Functions whose names begin with
 * bond_ can be called from {name}_ops.c; between the two there are plain C types only.
 *
 * {file} defines:
{exports} */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

struct {name}_file {{
	struct mm_struct *mm;
}};

/* Returns: NULL when it cannot be opened. @mm has a user meanwhile. */
void *bond_{name}_open(void *mm)
{{
	struct {name}_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return NULL;
	file->mm = mm;
	mmgrab(file->mm);
	/* Register with the process here. */
	return file;
}}

void bond_{name}_close(void *at)
{{
	struct {name}_file *file = at;

	/* Unregister here. */
	mmdrop(file->mm);
	kfree(file);
}}
"""

OPS_HALF = """/*
 * {name}_ops.c - the half of the op file that bondfuzz calls: op_NAME() for each OP of {name}.def. An op
 * says no with an errno when a kernel would not let it happen, so that every verdict is the driver's.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_{name}_open(void *mm);
void bond_{name}_close(void *file);

FILES(file, KIND_{NAME}, bond_{name}_close);

static void *open_file(void *mm, const struct subject_call *call)
{{
	(void)call;
	return bond_{name}_open(mm);
}}

/* More ops: USE_OP() and USE_IN_MM_OP() of subject/bench/driver_file.h. */
OPEN_OP(file, {name}_open, open_file, -ENOMEM)
CLOSE_OP(file, {name}_close)

void outside_close(void)
{{
	mm_ops_close_files(KIND_{NAME}, file_put);
}}
"""

STUBS = """# What a stub returns, one NAME=VALUE a line; a run that calls a stub without a value ends there.
"""


def exports(names):
    return "".join(f" *   {name}()\n" for name in names[:40])


def users(values):
    """file -> text, of the files that are the user's from then on"""
    name = values["name"]
    values = {**values, "exports": exports(values["exported"])}
    return {"CMakeLists.txt": CMAKE.format(**values), f"{name}.def": TABLE.format(**values),
            f"{name}_tree.c": TREE_HALF.format(**values), f"{name}_ops.c": OPS_HALF.format(**values), "stubs.txt": STUBS}


def head(digest):
    return f"# Written by bondfuzz import, which writes it again: put nothing of yours here. {digest}"


def own(name, i):
    """import.cmake, of what import.py has found"""
    k, files, libs, extra, modules = i.kernel, i.files, i.libs, i.extra, i.modules
    lines = [f"# {name}: kernel {k.name()}", "set(import_arguments", f"  TREE \"{k.tree}\""]
    lines.append(f"  HEADERS \"{k.generated}\"")
    for role, some in (("FILES", [f for f in files if f not in modules]), ("MODULES", [f for f in files if f in modules])):
        if some:
            lines.append(f"  {role} " + " ".join(f'"{f}"' for f in some))
    if libs:
        lines.append("  LIBRARY " + " ".join(libs))
    if i.derived and i.derived.statics:
        lines.append("  GLOBALIZE " + " ".join(i.derived.statics))
    if extra:
        lines.append("  FLAGS " + " ".join(f'"{f}"' for f in extra))
    return "\n".join(lines) + ")\n"
