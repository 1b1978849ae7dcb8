/*
 * test_hmm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of test_hmm.def. An
 * ioctl comes from any process that has the file, also after the one that opened it is gone.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_dmirror_open(void *mm);
int bond_dmirror_read(void *file, unsigned int page_nr);
int bond_dmirror_write(void *file, unsigned int page_nr);
int bond_dmirror_snapshot(void *file, unsigned int page_nr);
void bond_dmirror_release(void *file);

int op_dmirror_open(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *file;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	file = bond_dmirror_open(mm);
	if (file)
		kapi_file_install(KIND_MIRROR, call->result, file);
	mm_ops_unuse(call->operand[0], mm);
	return file ? 0 : -ENOMEM;
}

static void put(unsigned nr, void *file)
{
	if (kapi_file_put(KIND_MIRROR, nr))
		bond_dmirror_release(file);
}

#define IOCTL(name)                                                                                \
	static int name##_page(void *file, const struct subject_call *call)                        \
	{                                                                                          \
		return bond_dmirror_##name(file, call->operand[1]);                                \
	}                                                                                          \
	int op_dmirror_##name(const struct subject_call *call)                                     \
	{                                                                                          \
		return mm_ops_with_file(KIND_MIRROR, call, name##_page, put);                      \
	}

IOCTL(read)
IOCTL(write)
IOCTL(snapshot)

int op_dmirror_release(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_MIRROR, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_MIRROR, put);
}
