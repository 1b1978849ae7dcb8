/*
 * gntdev_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of gntdev.def. A file
 * is used in the process that opened it.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_gntdev_open(unsigned int nr);
int bond_gntdev_map(void *file, void *mm, unsigned int more);
int bond_gntdev_unmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_mmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_munmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_discard(void *file, void *mm, unsigned int page_nr);
void bond_gntdev_close(void *file);

static unsigned mm_of[OBJECTS_MAX]; /* of which process a file is */

int op_gntdev_open(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *file;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	file = bond_gntdev_open(call->result);
	if (file) {
		mm_of[call->result] = call->operand[0];
		kapi_file_install(KIND_GNTDEV, call->result, file);
	}
	mm_ops_unuse(call->operand[0], mm);
	return file ? 0 : -ENOMEM;
}

static void put(unsigned nr, void *file)
{
	if (kapi_file_put(KIND_GNTDEV, nr))
		bond_gntdev_close(file);
}

static int in_process(void *file, const struct subject_call *call,
		      int (*work)(void *file, void *mm, unsigned int nr))
{
	unsigned nr = mm_of[call->operand[0]];
	void *mm = mm_ops_use(nr);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = work(file, mm, call->operand[1]);
	mm_ops_unuse(nr, mm);
	return error;
}

#define USE(name)                                                                                  \
	static int name(void *file, const struct subject_call *call)                               \
	{                                                                                          \
		return in_process(file, call, bond_gntdev_##name);                                 \
	}                                                                                          \
	int op_gntdev_##name(const struct subject_call *call)                                      \
	{                                                                                          \
		return mm_ops_with_file(KIND_GNTDEV, call, name, put);                             \
	}

USE(map)
USE(unmap)
USE(mmap)
USE(munmap)
USE(discard)

int op_gntdev_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_GNTDEV, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_GNTDEV, put);
}
