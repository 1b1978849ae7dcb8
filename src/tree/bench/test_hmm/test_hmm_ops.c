/*
 * test_hmm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of test_hmm.def. An
 * ioctl comes from any process that has the file, also after the one that opened it is gone.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_dmirror_open(void *mm);
int bond_dmirror_read(void *file, unsigned int page_nr);
int bond_dmirror_write(void *file, unsigned int page_nr);
int bond_dmirror_snapshot(void *file, unsigned int page_nr);
void bond_dmirror_release(void *file);

FILES(mirror, KIND_MIRROR, bond_dmirror_release);

static void *open_mirror(void *mm, const struct subject_call *call)
{
	(void)call;
	return bond_dmirror_open(mm);
}

#define IOCTL(name)                                                                                \
	static int name##_page(void *file, const struct subject_call *call)                        \
	{                                                                                          \
		return bond_dmirror_##name(file, call->operand[1]);                                \
	}                                                                                          \
	USE_OP(mirror, dmirror_##name, name##_page)

OPEN_OP(mirror, dmirror_open, open_mirror, -ENOMEM)
IOCTL(read)
IOCTL(write)
IOCTL(snapshot)
CLOSE_OP(mirror, dmirror_release)

void outside_close(void)
{
	mm_ops_close_files(KIND_MIRROR, mirror_put);
}
