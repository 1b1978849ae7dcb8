"""devices.py: the op file of a file of the tree whose devices derive.py has found: three texts, written once, the user's from then on."""

TABLE_HEAD = """/*
 * {name}.def - what users may do with the devices of {file}: one line an op, derived from its file operations.
 * Processes and their ops are there already. The rows are explained in subject/kinds.h. The number behind an
 * ioctl, a read or a write says what its argument is: bond_user_fill() of tree/bond.h.
 */
"""

TREE_HEAD = """/*
 * {name}_tree.c - the half of the op file in the tree's own types: how the devices of {file} are opened, and how the
 * file begins and ends. Derived by bondfuzz import, and yours from now on. Functions whose names begin with bond_
 * can be called from {name}_ops.c; between the two there are plain C types only.
 */
#include <linux/fs.h>
#include <linux/mutex.h>

#include "subject/bench/vfs.h"
#include "tree/patient/device.h"

{declared}
{load}"""

LOAD = """static DEFINE_MUTEX(load_mutex);
static bool loaded;

/* The first open loads the module. Returns: 0, or what its init function says. */
static int load(void)
{{
	int error = 0;

	mutex_lock(&load_mutex);
	if (!loaded)
		error = {init}();
	if (!error)
		loaded = true;
	mutex_unlock(&load_mutex);
	return error;
}}

void bond_{name}_unload(void)
{{
{exit}}}
"""

NO_LOAD = """static int load(void)
{{
	return 0;
}}

void bond_{name}_unload(void)
{{
}}
"""

OPEN = """
static int open_{label}(struct inode *inode, struct file *file)
{{
	return device_open(inode, file, &{table}, {registered});
}}

int bond_{label}_open(unsigned kind, unsigned nr, unsigned mm_nr, struct mm_struct *mm)
{{
	int error = load();

	return error ? error : vfs_open(kind, nr, mm_nr, mm, open_{label}, NULL);
}}
"""

GIVEN = """
int bond_{label}_get(unsigned kind, unsigned nr, unsigned from, unsigned device, unsigned command, unsigned how)
{{
	return device_ioctl_gives(&{table}, kind, nr, from, device, command, how);
}}
"""

OPS_HEAD = """/*
 * {name}_ops.c - the half of the op file that bondfuzz calls: op_NAME() for each OP of {name}.def.
 */
#include <linux/err.h>

#include "subject/outside.h"
#include "tree/patient/device.h"

void bond_{name}_unload(void);
"""

OPS_OPEN = """
/* ---- {label} ---- */

int bond_{label}_open(unsigned kind, unsigned nr, unsigned mm_nr, struct mm_struct *mm);

static int open_{label}(const struct subject_call *call, struct mm_struct *mm)
{{
	return bond_{label}_open(KIND_{LABEL}, call->result, call->operand[0], mm);
}}

int op_{label}_open(const struct subject_call *call)
{{
	return mm_ops_with_mm(call, open_{label});
}}

int op_{label}_close(const struct subject_call *call)
{{
	return bond_device_close(KIND_{LABEL}, call->operand[0]);
}}
"""

OPS_GIVEN = """
/* ---- {label}: an ioctl of {giver} makes it ---- */

int bond_{label}_get(unsigned kind, unsigned nr, unsigned from, unsigned device, unsigned command, unsigned how);

int op_{label}_get(const struct subject_call *call)
{{
	return bond_{label}_get(KIND_{LABEL}, call->result, KIND_{GIVER}, call->operand[0], {giver}_commands[call->operand[1]],
				call->operand[2]);
}}

int op_{label}_close(const struct subject_call *call)
{{
	return bond_device_close(KIND_{LABEL}, call->operand[0]);
}}
"""

# verb -> (row of the table, body)
VERBS = {
    "unlocked_ioctl": ("""WORDS({label}_command, {words})
OP({label}_ioctl, GIVES_NOTHING, ANY, {weight}, ROLE("ioctl") "ioctl", OBJECT(KIND_{LABEL}), WORD({label}_command), NUMBER(9))
""", """
static const unsigned {label}_commands[] = {{
{values}}};

int op_{label}_ioctl(const struct subject_call *call)
{{
	return bond_device_ioctl(KIND_{LABEL}, call->operand[0], {label}_commands[call->operand[1]], call->operand[2]);
}}
"""),
    "read": ("""OP({label}_read, GIVES_NOTHING, ANY, 5, ROLE("read") "read", OBJECT(KIND_{LABEL}))
""", """
int op_{label}_read(const struct subject_call *call)
{{
	return bond_device_read(KIND_{LABEL}, call->operand[0]);
}}
"""),
    "write": ("""OP({label}_write, GIVES_NOTHING, ANY, 5, ROLE("write") "write so many words", OBJECT(KIND_{LABEL}), NUMBER(9))
""", """
int op_{label}_write(const struct subject_call *call)
{{
	return bond_device_write(KIND_{LABEL}, call->operand[0], call->operand[1]);
}}
"""),
    "poll": ("""OP({label}_poll, GIVES_NOTHING, ANY, 3, ROLE("poll") "poll, without waiting", OBJECT(KIND_{LABEL}))
""", """
int op_{label}_poll(const struct subject_call *call)
{{
	return bond_device_poll(KIND_{LABEL}, call->operand[0]);
}}
"""),
    "mmap": ("""OP({label}_mmap, GIVES_NOTHING, ANY, 5, ROLE("mmap") "map so many pages and one", OBJECT(KIND_{LABEL}), OBJECT(KIND_MM), NUMBER(1))
OP({label}_munmap, GIVES_NOTHING, ANY, 4, ROLE("munmap") "unmap a page", OBJECT(KIND_MM), NUMBER(3))
OP({label}_touch, GIVES_NOTHING, ANY, 4, ROLE("fault") "use a page", OBJECT(KIND_MM), NUMBER(3))
""", """
int op_{label}_mmap(const struct subject_call *call)
{{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = bond_device_mmap(KIND_{LABEL}, call->operand[0], mm, call->operand[2] + 1);
	mm_ops_unuse(call->operand[1], mm);
	return error;
}}

static int munmap_{label}(const struct subject_call *call, struct mm_struct *mm)
{{
	return bond_device_munmap(mm, call->operand[1]);
}}

int op_{label}_munmap(const struct subject_call *call)
{{
	return mm_ops_with_mm(call, munmap_{label});
}}

static int touch_{label}(const struct subject_call *call, struct mm_struct *mm)
{{
	return bond_device_touch(mm, call->operand[1]);
}}

int op_{label}_touch(const struct subject_call *call)
{{
	return mm_ops_with_mm(call, touch_{label});
}}
"""),
}

OPS_TAIL = """
/* ---- a run ---- */

void outside_fork(unsigned mm_nr)
{{
{fork}}}

void outside_close(void)
{{
{close}}}

void outside_unload(void)
{{
	bond_device_settle();
	bond_{name}_unload();
}}
"""


def verbs(device):
    return [verb for verb in VERBS if verb in device.members and (verb != "unlocked_ioctl" or device.commands)]


def names_of(device):
    return {"label": device.label, "LABEL": device.label.upper(), "table": device.table, "registered": str(device.registered).lower(),
            "weight": min(6 + len(device.commands), 20), "words": ", ".join(f'"{n.lower()}"' for n, _ in device.commands),
            "giver": device.giver and device.giver.label, "GIVER": device.giver and device.giver.label.upper(),
            "values": "".join(f"\t{value:#x}, /* {n} */\n" for n, value in device.commands)}


def table(name, file, found):
    text = TABLE_HEAD.format(name=name, file=file)
    text += "".join('KIND({LABEL}, "{label}")\n'.format(**names_of(d)) for d in found.devices)
    for device in found.devices: # those that make others come first: WORDS stand before their use
        v = names_of(device)
        if device.giver:
            text += '\nOP({label}_get, KIND_{LABEL}, ANY, 10, ROLE("ioctl") "an ioctl that makes one", OBJECT(KIND_{GIVER}), WORD({giver}_command), NUMBER(9))\n'.format(**v)
        else:
            text += '\nOP({label}_open, KIND_{LABEL}, ANY, 5, ROLE("open") "open it in a process", OBJECT(KIND_MM))\n'.format(**v)
        text += 'OP({label}_close, GIVES_NOTHING, ANY, 5, ROLE("close") "close it", OBJECT(KIND_{LABEL}))\n'.format(**v)
        text += "".join(VERBS[verb][0].format(**v) for verb in verbs(device))
    return text


def tree_half(name, file, found):
    declared = "".join(f"extern const struct file_operations {d.table};\n" for d in found.devices)
    declared += f"int {found.init}(void);\n" if found.init else ""
    declared += f"void {found.exit}(void);\n" if found.exit else ""
    leaves = f"\tif (loaded)\n\t\t{found.exit}();\n\tloaded = false;\n" if found.exit else ""
    load = (LOAD if found.init else NO_LOAD).format(name=name, init=found.init, exit=leaves)
    return TREE_HEAD.format(name=name, file=file, declared=declared, load=load) + "".join((GIVEN if d.giver else OPEN).format(**names_of(d)) for d in found.devices)


def ops_half(name, found):
    text = OPS_HEAD.format(name=name)
    for device in found.devices:
        v = names_of(device)
        text += (OPS_GIVEN if device.giver else OPS_OPEN).format(**v) + "".join(VERBS[verb][1].format(**v) for verb in verbs(device))
    fork, close = ("".join(f"\t{call}({what}KIND_{d.label.upper()}{rest});\n" for d in found.devices)
                   for call, what, rest in (("bond_device_fork", "", ", mm_nr"), ("bond_device_close_all", "", "")))
    return text + OPS_TAIL.format(name=name, fork=fork, close=close)


def texts(name, file, found):
    """file -> text: the halves and the table of an op file, for `bondfuzz import`."""
    return {f"{name}.def": table(name, file, found), f"{name}_tree.c": tree_half(name, file, found), f"{name}_ops.c": ops_half(name, found)}
