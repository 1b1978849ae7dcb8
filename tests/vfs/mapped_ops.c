/*
 * mapped_ops.c - the op file of mapped.c: open files and mappings by subject/bench/vfs.h, as a driver
 * outside has them.
 */
#include "subject/outside.h"

#include <linux/err.h>

#include "subject/bench/vfs.h"
#include "tests/vfs/mapped.h"

static int open_file(const struct subject_call *call, struct mm_struct *mm)
{
	return vfs_open(KIND_FILE, call->result, call->operand[0], mm, mapped_open, NULL);
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
