/*
 * radeon_mn_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of radeon_mn.def.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_radeon_userptr(void *mm, unsigned int page_nr);
int bond_radeon_validate(void *bo, void *mm);
void bond_radeon_close(void *bo);

static unsigned mm_of[OBJECTS_MAX]; /* of which process an object is */

int op_radeon_userptr(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *bo;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	bo = bond_radeon_userptr(mm, call->operand[1]);
	if (bo) {
		mm_of[call->result] = call->operand[0];
		kapi_file_install(KIND_RADEON, call->result, bo);
	}
	mm_ops_unuse(call->operand[0], mm);
	return bo ? 0 : -EINVAL;
}

static void put(unsigned nr, void *bo)
{
	if (kapi_file_put(KIND_RADEON, nr))
		bond_radeon_close(bo);
}

static int validate(void *bo, const struct subject_call *call)
{
	unsigned nr = mm_of[call->operand[0]];
	void *mm = mm_ops_use(nr);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = bond_radeon_validate(bo, mm);
	mm_ops_unuse(nr, mm);
	return error;
}

int op_radeon_validate(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_RADEON, call, validate, put);
}

int op_radeon_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_RADEON, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_RADEON, put);
}
