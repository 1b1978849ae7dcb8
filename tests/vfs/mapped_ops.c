/*
 * mapped_ops.c - the op file of mapped.c: open files and mappings by subject/bench/vfs.h, as a driver
 * outside has them. In world tree it is a subject among others.
 */
#ifdef BOND_TREE
#define SUBJECT_OPS "tests/vfs/mapped.def"
#define SUBJECT_LINKAGE extern
#include "subject/kinds.h"
#else
#include "subject/outside.h"
#endif

#include <linux/err.h>

#include "subject/bench/vfs.h"
#include "tests/vfs/mapped.h"

static int open_file(const struct subject_call *call, struct mm_struct *mm)
{
	return vfs_open(KIND_FILE, call->result, call->operand[0], mm,
			mapped_open[call->operand[1]], NULL);
}

int op_mapped_open(const struct subject_call *call)
{
	return mm_ops_with_mm(call, open_file);
}

int op_mapped_close(const struct subject_call *call)
{
	return vfs_close(KIND_FILE, call->operand[0]);
}

int op_mapped_count(const struct subject_call *call)
{
	return (int)vfs_ioctl(KIND_FILE, call->operand[0], 0, 0);
}

int op_mapped_mmap(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = vfs_mmap(KIND_FILE, call->operand[0], mm, call->operand[2], 2);
	mm_ops_unuse(call->operand[1], mm);
	return error;
}

static int unmap(const struct subject_call *call, struct mm_struct *mm)
{
	return vfs_munmap(mm, call->operand[1], 1);
}

int op_mapped_munmap(const struct subject_call *call)
{
	return mm_ops_with_mm(call, unmap);
}

static int touch(const struct subject_call *call, struct mm_struct *mm)
{
	return vfs_touch(mm, call->operand[1]);
}

int op_mapped_touch(const struct subject_call *call)
{
	return mm_ops_with_mm(call, touch);
}

/* ---- a run ---- */

#ifdef BOND_TREE
void outside_fork(unsigned mm_nr);
void outside_close(void);
void outside_unload(void);
#endif

void outside_fork(unsigned mm_nr)
{
	vfs_fork(KIND_FILE, mm_nr);
}

void outside_close(void)
{
	vfs_close_all(KIND_FILE);
}

void outside_unload(void)
{
	vfs_settle();
}

#ifdef BOND_TREE
#define SUBJECT_NAME "mapped"
#define SUBJECT_SYMBOL subject_mapped
#define SUBJECT_HELP "a driver whose files are mapped, kept and broken: the alarm's own test"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN()
#define SUBJECT_FORK outside_fork
#define SUBJECT_CLOSE outside_close
#define SUBJECT_UNLOAD outside_unload
#define SUBJECT_POSTED true /* its bugs are for tests */
#include "subject/define.h"
#endif
