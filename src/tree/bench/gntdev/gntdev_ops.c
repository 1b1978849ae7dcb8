/*
 * gntdev_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of gntdev.def. A file
 * is used in the process that opened it.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_gntdev_open(unsigned int nr);
int bond_gntdev_map(void *file, void *mm, unsigned int more);
int bond_gntdev_unmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_mmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_munmap(void *file, void *mm, unsigned int unused);
int bond_gntdev_discard(void *file, void *mm, unsigned int page_nr);
int bond_gntdev_io(void *file, void *mm, unsigned int page_nr);
void bond_gntdev_close(void *file);

FILES(file, KIND_GNTDEV, bond_gntdev_close);

static void *open_file(void *mm, const struct subject_call *call)
{
	(void)mm;
	return bond_gntdev_open(call->result);
}

#define USE(name)                                                                                  \
	static int name(void *file, void *mm, const struct subject_call *call)                     \
	{                                                                                          \
		return bond_gntdev_##name(file, mm, call->operand[1]);                             \
	}                                                                                          \
	USE_IN_MM_OP(file, gntdev_##name, name)

OPEN_OP(file, gntdev_open, open_file, -ENOMEM)
USE(map)
USE(unmap)
USE(mmap)
USE(munmap)
USE(discard)
USE(io)
CLOSE_OP(file, gntdev_close)

void outside_close(void)
{
	mm_ops_close_files(KIND_GNTDEV, file_put);
}
